import type { Conduct } from './conduct.js';
import type { Issuer } from './issuer.js';
import type { Ledger } from './ledger.js';

/** What every resource works with. */
export interface Rules {
  /** Lifetime by profile; the first is taken where an order names none. */
  readonly profiles: Readonly<Record<string, number>>;
  /** RFC 9773: what it answers in `Retry-After`; undefined: it has no renewal information. */
  readonly renewalInfoRetryMs: number | undefined;
  readonly orderLimit: { readonly count: number; readonly withinMs: number } | undefined;
  readonly caaIdentities: readonly string[];
}

export interface Course {
  readonly origin: string;
  readonly rules: Rules;
  readonly conduct: Conduct;
  readonly issuer: Issuer;
  readonly ledger: Ledger;
  now(): number;
  /** TXT values of a name, as a validator finds them. */
  lookup(name: string): Promise<readonly string[]>;
}

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly text?: string;
}
