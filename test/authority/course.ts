import type { Conduct } from './conduct.js';
import type { Issuer } from './issuer.js';
import type { Account, Ledger, Reuse } from './ledger.js';
import type { Limits } from './limits.js';
import type { SignedRequest } from './jws.js';

/** What every resource works with. */
export interface Rules {
  /** Lifetime by profile; the first is taken where an order names none. */
  readonly profiles: Readonly<Record<string, number>>;
  /** RFC 9773: what it answers in `Retry-After`; undefined: it has no renewal information. */
  readonly renewalInfoRetryMs: number | undefined;
  readonly caaIdentities: readonly string[];
  readonly reuse: Reuse;
  /** MAC keys (base64url) by their identifier; given, an account must be bound to one (RFC 8555 §7.3.4). */
  readonly externalAccounts: Readonly<Record<string, string>> | undefined;
  /** It offers dns-persist-01, by version 01 of the draft or the one after. */
  readonly dnsPersist: { readonly issuers: readonly string[]; readonly draft: 1 | 2 } | undefined;
}

export interface Course {
  readonly origin: string;
  readonly rules: Rules;
  readonly conduct: Conduct;
  readonly issuer: Issuer;
  readonly ledger: Ledger;
  readonly limits: Limits;
  now(): number;
  /** What the `Date` of its answers says. */
  date(): number;
  random(): number;
  /** TXT values of a name, as a validator finds them; it throws where it can't look them up. */
  lookup(name: string): Promise<readonly string[]>;
}

/** A request for a resource by an account. */
export interface Asked {
  readonly id: string | undefined;
  readonly part: string | undefined;
  readonly request: SignedRequest;
  readonly account: Account;
  readonly course: Course;
}

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: unknown;
  readonly text?: string;
}
