import type { DsFields } from '@sixhub/acme-dns';
import type { Seen } from './delegation.js';
import type { DnsName } from './dns-name.js';

/** What a validator meets on its way to a domain's challenge record, as it was seen from here. */
export interface Survey {
  readonly domain: DnsName;
  /** `_acme-challenge.DOMAIN`. */
  readonly name: string;
  /** The zone that the domain is in. */
  readonly zone: string;
  readonly parent: ParentSurvey;
  /** One an address of each name server that the parent or the zone itself names. */
  readonly servers: readonly ServerSurvey[];
  /** Name servers without any address. */
  readonly homeless: readonly string[];
  /** Name servers whose addresses could not be looked up. */
  readonly notFound: readonly { readonly name: string; readonly reason: string }[];
  readonly resolver: Seen;
  /** Every name that the resolver came through after the first alias, where that is not our target. */
  readonly chain: readonly string[];
  /** The target of a made-up name beside `_acme-challenge`: a wildcard CNAME answers. */
  readonly wildcard: string | undefined;
}

/** The zone above, and what each of its servers says about this one. */
export type ParentSurvey =
  | { readonly kind: 'unknown'; readonly reason: string }
  | {
      readonly kind: 'asked';
      readonly zone: string;
      readonly referrals: readonly Referral[];
      readonly silent: readonly { readonly by: string; readonly reason: string }[];
      /**
       * DS records of this zone: it is signed, and validators take nothing unsigned (RFC 4035 §5). Undefined where no
       * server above told, which is no word that there are none.
       */
      readonly ds: readonly DsFields[] | undefined;
    };

export interface Referral {
  /** The parent's server, with its address. */
  readonly by: string;
  /** Name servers, sorted. */
  readonly names: readonly string[];
  /** Addresses that came along. */
  readonly glue: readonly { readonly name: string; readonly address: string }[];
  /** The parent's server answers for this zone as well, and need not add any. */
  readonly isOwnServer: boolean;
}

/** How a server answers over one transport. */
export type Contact =
  | { readonly kind: 'authoritative' }
  /** It answers, but not for this zone. */
  | { readonly kind: 'lame'; readonly says: string }
  | { readonly kind: 'silent'; readonly reason: string }
  | { readonly kind: 'untested'; readonly reason: string };

export interface ServerSurvey {
  readonly name: string;
  readonly address: string;
  readonly inParent: boolean;
  readonly inZone: boolean;
  readonly udp: Contact;
  readonly tcp: Contact;
  /** Of its SOA record. */
  readonly serial: number | undefined;
  readonly cname: Seen;
  /** TXT values that it has at the challenge name itself, where the CNAME belongs. */
  readonly leftovers: readonly string[];
  /** What it answers to the CAA type where that is no proper answer: authorities then issue nothing. */
  readonly caaFault: string | undefined;
}

/** RFC 1982: which of two serials is the newer. */
function isNewer(one: number, other: number): boolean {
  return one !== other && (one - other) >>> 0 < 0x8000_0000;
}

/** RFC 1982: of the zone, as far as its servers told it. */
export function newestSerial({ servers }: Survey): number | undefined {
  const serials = servers.flatMap(({ serial }) => (serial === undefined ? [] : [serial]));
  return serials.reduce<number | undefined>(
    (newest, next) => (newest === undefined || isNewer(next, newest) ? next : newest),
    undefined,
  );
}
