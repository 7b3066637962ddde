import type { Clock } from '@sixhub/base';
import type { Account } from './domain/account.js';
import type { ListenAddress } from './domain/listen-address.js';
import type { HttpOptions } from './http/http-options.js';
import type { Log } from './ports.js';

export interface AcmeDnsOptions {
  /** The zone, like acme-dns.example.org. */
  readonly domain: string;
  readonly nameServer: string;
  /** Who is responsible, as a mail address or in DNS form (hostmaster.example.org). */
  readonly admin: string;
  /** Static records as lines of a zone file; every name is absolute, with or without its final dot. */
  readonly records: readonly string[];
  /** UDP and TCP on each. A wildcard address stands for all addresses of the machine, one by one. */
  readonly listen: readonly ListenAddress[];
  /** SQLite file, made where there is none. */
  readonly database: string;
  readonly http?: HttpOptions;
  readonly log?: Log;
  readonly clock?: Clock;
  /** A thread ended by itself: nothing is answered, or nothing stored, any more. Who runs this starts it again. */
  readonly onEnded?: (error: Error) => void;
  readonly tuning?: Tuning;
  /** GET /metrics for Prometheus. */
  readonly metrics?: { readonly listen: readonly ListenAddress[] };
}

/** What rarely needs another value than its own. */
export interface Tuning {
  readonly protocols?: readonly ('udp' | 'tcp')[];
  readonly rateLimit?: {
    readonly perSecond: number;
    readonly slip: number;
    readonly exempt: readonly string[];
  };
  /** Values that an account keeps when its client never withdraws any. */
  readonly rollingValues?: number;
  /** How long a value of a challenge stays if nobody withdraws it. */
  readonly valueLifetimeMs?: number;
  /** A change that the database has not taken by then is refused. */
  readonly databasePatienceMs?: number;
}

export interface NewAccount {
  readonly allowFrom?: readonly string[];
  readonly note?: string;
}

export type AccountWithPassword = Account & { readonly password: string };

export interface AcmeDns extends AsyncDisposable {
  /** As bound, with real ports. */
  readonly addresses: readonly ListenAddress[];
  readonly httpAddresses: readonly ListenAddress[];
  /**
   * Takes new options over without closing a socket or losing a query: zone, records, limits, values, and of the API
   * all but its addresses and whether it speaks TLS. Addresses, protocols and database count from the next start.
   * Throws, and changes nothing, where the zone or the certificate's files are wrong.
   */
  reload(options: AcmeDnsOptions): Promise<void>;
  /** Its counters in Prometheus' text format. */
  metrics(): Promise<string>;
  createAccount(options?: NewAccount): Promise<AccountWithPassword>;
  account(subdomain: string): Account | undefined;
  /** Durable and answered when it resolves. Publishing the same challenge again replaces its value. */
  publish(subdomain: string, value: string, challenge: string): Promise<void>;
  /** Nothing happens where the challenge has no value. */
  withdraw(subdomain: string, challenge: string): Promise<void>;
}
