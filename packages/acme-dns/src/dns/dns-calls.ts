import type { ListenAddress } from '../domain/listen-address.js';
import type { ZoneDescription } from '../domain/zone.js';
import type { NameChange } from '../ports.js';
import type { Counters } from './counters.js';
import type { Protocols } from './listeners.js';

/** What the answering thread works with, and gets anew when the configuration is read again. */
export interface DnsSettings {
  readonly zone: ZoneDescription;
  readonly rateLimit: {
    readonly perSecond: number;
    readonly slip: number;
    readonly exempt: readonly string[];
  };
}

export interface DnsStart {
  readonly settings: DnsSettings;
  readonly serial: number;
  readonly cookieSecret: Uint8Array;
}

/** What the answering thread is asked. */
export type DnsCalls = {
  /** Opens the sockets; before, names are loaded, so that no account is ever denied for a moment. */
  listen(argument: {
    listen: readonly ListenAddress[];
    protocols: Protocols;
  }): Promise<readonly ListenAddress[]>;
  apply(argument: { changes: readonly NameChange[]; serial: number }): void;
  reload(argument: { settings: DnsSettings; serial: number }): void;
  counters(argument: undefined): Counters;
  close(argument: undefined): Promise<void>;
};
