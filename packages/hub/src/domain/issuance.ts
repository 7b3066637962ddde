import type { KeyKind, ProblemKind } from '@sixhub/acme';
import type { AgentName, CertificateName } from '@sixhub/protocol';
import type { DnsName } from './dns-name.js';

/**
 * One run that makes a version. It is durable: each stage is stored before its work is done elsewhere,
 * so that a hub that was killed takes it up where it stood, with the order that the authority already knows.
 */
export interface Issuance {
  readonly id: string;
  readonly certificate: CertificateName;
  readonly names: readonly DnsName[];
  readonly keyKind: KeyKind;
  readonly reuseKey: boolean;
  /** The machine that makes the key. */
  readonly keyOn: AgentName | undefined;
  /** Its PKCS#10 request, PEM; nothing is ordered before it is there. */
  readonly request: string | undefined;
  /** Which authority makes it, by its name in hub.toml. */
  readonly authority: string;
  readonly stage: Stage;
  /** RFC 8555 §7.4; known from the moment when the authority has answered. */
  readonly orderUrl: string | undefined;
  /** Failed attempts in a row. */
  readonly failures: number;
  /** Not to be tried before, unless a person asks. */
  readonly retryAt: Date | undefined;
  /** The authority named that time (`Retry-After`): not even a person may hurry it. */
  readonly retryOrdered: boolean;
  readonly createdAt: Date;
}

export type Stage =
  /** Waits until each domain's CNAME is there. */
  | 'delegation'
  /** Makes or continues the order at the authority. */
  | 'order'
  /** A version is stored. */
  | 'done'
  /** A person must change something; a new issuance is a new try. */
  | 'failed';

/** The machine whose key is waited for. */
export function waitsForKeyOf({
  stage,
  keyOn,
  request,
}: Pick<Issuance, 'stage' | 'keyOn' | 'request'>): AgentName | undefined {
  return stage === 'order' && request === undefined ? keyOn : undefined;
}

export function isFinished(stage: Stage): boolean {
  return stage === 'done' || stage === 'failed';
}

/** A record that a person must create, ready to paste. */
export interface WantedRecord {
  readonly domain: DnsName;
  /** `_acme-challenge.example.org` */
  readonly name: string;
  /** `<account>.acme-dns.example.net` */
  readonly target: string;
  /** What stands there instead; undefined where nothing does. */
  readonly found?: string | undefined;
  /** One sentence: what was seen, where. */
  readonly seen: string;
}

/** A record that would do for dns-persist-01, in place of the CNAME. */
export interface WantedText {
  readonly domain: DnsName;
  /** `_validation-persist.example.org` */
  readonly name: string;
  readonly value: string;
  readonly found?: string | undefined;
  readonly seen: string;
}

/** What an issuance tells while it runs, kept so that who joins later sees it too. */
export type Step =
  | { readonly kind: 'delegation-wanted'; readonly records: readonly WantedRecord[] }
  | { readonly kind: 'delegated'; readonly domains: readonly string[] }
  /** The authority saw them before, and is asked although they can't be seen from here. */
  | { readonly kind: 'delegation-unseen'; readonly records: readonly WantedRecord[] }
  /** dns-persist-01 is on, and these have no record that would do; it goes by the CNAME. */
  | {
      readonly kind: 'persist-wanted';
      readonly authority: string;
      readonly records: readonly WantedText[];
    }
  /** Their standing record does: no CNAME is needed. */
  | {
      readonly kind: 'persist-found';
      readonly authority: string;
      readonly domains: readonly string[];
    }
  /** The machine is to make its key and to ask for the certificate by it. */
  | { readonly kind: 'key-wanted'; readonly agent: string }
  | { readonly kind: 'key-made'; readonly agent: string }
  /** The machine's request is none that could be passed on. */
  | { readonly kind: 'key-refused'; readonly agent: string; readonly fact: string }
  | { readonly kind: 'ordered'; readonly authority: string; readonly names: readonly string[] }
  | { readonly kind: 'published'; readonly values: number }
  | { readonly kind: 'validated' }
  | { readonly kind: 'finalized' }
  /** It is tried at the next authority. */
  | {
      readonly kind: 'authority-failed';
      readonly authority: string;
      readonly fact: string;
      readonly next: string;
    }
  | { readonly kind: 'resumed'; readonly stage: Stage }
  | {
      readonly kind: 'stored';
      readonly version: string;
      readonly fingerprint: string;
      readonly issuer: string;
      readonly notAfter: string;
    }
  | {
      readonly kind: 'problem';
      readonly problem: ProblemKind;
      readonly fact: string;
      readonly hint: string;
      /** When the hub tries again by itself; null where a person must act first. */
      readonly retryAt: string | null;
    };
