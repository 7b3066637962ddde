import type { Value } from './domain/values.js';

/** What the parts of the server need from each other and from outside. */

export interface Log {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export const silentLog: Log = {
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** An account as it is kept. */
export interface StoredAccount {
  readonly subdomain: string;
  readonly username: string;
  /** Of the password; see secrets.ts for its forms. */
  readonly secret: string;
  readonly allowFrom: readonly string[];
  readonly note: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

export interface StoredValue extends Value {
  readonly subdomain: string;
}

export type Change =
  | { readonly kind: 'account-added'; readonly account: StoredAccount }
  | { readonly kind: 'account-removed'; readonly subdomain: string }
  | { readonly kind: 'account-noted'; readonly subdomain: string; readonly note: string }
  | { readonly kind: 'secret-changed'; readonly subdomain: string; readonly secret: string }
  | { readonly kind: 'value-added'; readonly value: StoredValue }
  | { readonly kind: 'value-removed'; readonly sequence: number };

/** What the store knows beside accounts and values. */
export interface Origin {
  /** Of the zone's SOA, as last committed. */
  readonly serial: number;
  /** The greatest sequence of any value, ever. */
  readonly sequence: number;
  /** 32 octets that passwords are hashed with. */
  readonly key: Uint8Array;
}

export interface Page {
  readonly accounts: readonly StoredAccount[];
  readonly values: readonly StoredValue[];
}

/** Where accounts and values outlive the process. No dialect of SQL shows here. */
export interface Store extends AsyncDisposable {
  origin(): Promise<Origin>;
  /** Everything, in pages that fit a message; a value comes with or after its account. */
  pages(): AsyncIterable<Page>;
  /** All of `changes` or none, and durable when it resolves. */
  commit(changes: readonly Change[], serial: number): Promise<void>;
  /** A token that changes when another process has written. */
  foreignChanges(): Promise<number>;
}

/** One name as it is to be answered from now on; without values it exists and is empty, `gone` it does not exist. */
export interface NameChange {
  readonly subdomain: string;
  readonly values: readonly string[] | 'gone';
}

/** The side that answers. Resolves when every query that arrives from then on sees the change. */
export interface NameServer {
  apply(changes: readonly NameChange[], serial: number): Promise<void>;
}
