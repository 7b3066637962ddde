import { challengeDomain, type DnsName } from './dns-name.js';

/**
 * dns-persist-01 (draft-ietf-acme-dns-persist): a TXT record that names an authority and our account there, and stands
 * for as long as the draft and the authority have it so. It is no RFC yet: what the record must hold has changed
 * between two versions of the draft and may change again.
 */

/** What an authority says of the record, whatever the domain. */
export interface PersistOffer {
  /** Any of these may stand in it. */
  readonly issuers: readonly string[];
  /** From version 02 on the account is named by a hash below this prefix, before by its URL. */
  readonly hashPrefix: string | undefined;
}

/** The record that a domain needs. */
export interface PersistRecord {
  readonly domain: DnsName;
  readonly offer: PersistOffer;
  /** The first is what a new record should have; the others mean our account as well. */
  readonly accountUris: readonly [string, ...string[]];
  /** A wildcard of the domain is wanted (§5). */
  readonly wildcard: boolean;
}

/** §3.1: an offer without names, or with more than ten, is none. */
export function persistOffer(
  issuers: readonly string[] | undefined,
  hashPrefix: string | undefined,
): PersistOffer | undefined {
  const named = issuers?.filter((issuer) => /^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(issuer)) ?? [];
  return named.length === 0 || named.length > 10 ? undefined : { issuers: named, hashPrefix };
}

export function persistName(domain: DnsName): string {
  return `_validation-persist.${domain}`;
}

/** §4.1, in the syntax of a CAA issue-value (RFC 8659 §4.2). */
export function persistValue({ offer, accountUris, wildcard }: PersistRecord): string {
  const [issuer = ''] = offer.issuers;
  return `${issuer}; accounturi=${accountUris[0]}${wildcard ? '; policy=wildcard' : ''}`;
}

/** Whether any of these names is a wildcard of the domain. */
export function wantsWildcard(names: readonly DnsName[], domain: DnsName): boolean {
  return names.some((name) => name !== domain && challengeDomain(name) === domain);
}

export type PersistVerdict =
  | { readonly kind: 'ready' }
  /** One sentence about what stands there instead. */
  | { readonly kind: 'wanted'; readonly seen: string; readonly found: string | undefined };

/** As the authority will (§4.2, §4.3.2): one record that is all right is enough, whatever stands beside it. */
export function judgePersist(
  record: PersistRecord,
  texts: readonly string[],
  now: Date,
): PersistVerdict {
  const mine = texts
    .map((text) => ({ text, value: parseIssueValue(text) }))
    .filter(({ value }) => value !== undefined && record.offer.issuers.includes(value.issuer));
  const [first] = mine;
  if (first === undefined) {
    const seen =
      texts.length === 0
        ? 'it is not there'
        : 'what is there is for other authorities, or not well-formed';
    return { kind: 'wanted', seen, found: texts[0] };
  }
  const faults = mine.map(({ value }) => faultOf(value?.parameters ?? new Map(), record, now));
  const [fault] = faults;
  if (fault === undefined || faults.includes(undefined)) return { kind: 'ready' };
  return { kind: 'wanted', seen: fault, found: first.text };
}

function faultOf(
  parameters: ReadonlyMap<string, string>,
  { accountUris, wildcard }: PersistRecord,
  now: Date,
): string | undefined {
  const account = parameters.get('accounturi');
  // Compared character by character (RFC 3986 §6.2.1).
  if (account === undefined) return 'it names no account';
  if (!accountUris.includes(account)) return 'it names another account';
  const until = parameters.get('persistUntil');
  if (until !== undefined) {
    if (!/^\d{1,12}$/.test(until)) return 'its persistUntil is no time';
    const end = new Date(Number(until) * 1_000);
    if (end <= now) return `it ended at ${end.toISOString()}`;
  }
  if (wildcard && parameters.get('policy')?.toLowerCase() !== 'wildcard') {
    return 'it is without policy=wildcard, and a wildcard is wanted';
  }
  return undefined;
}

interface IssueValue {
  readonly issuer: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/** RFC 8659 §4.2; undefined for what is none, or has a parameter twice (draft §9.3.1). */
function parseIssueValue(text: string): IssueValue | undefined {
  const [issuer = '', ...rest] = text
    .split(';')
    .map((part) => part.replace(/^[ \t]+|[ \t]+$/g, ''));
  const parameters = new Map<string, string>();
  // `issuer;` alone is allowed: the list of parameters may be empty.
  for (const part of rest.length === 1 && rest[0] === '' ? [] : rest) {
    const match = /^([A-Za-z0-9](?:-*[A-Za-z0-9])*)[ \t]*=[ \t]*([\x21-\x3a\x3c-\x7e]*)$/.exec(
      part,
    );
    const [, tag, value] = match ?? [];
    if (tag === undefined || value === undefined || parameters.has(tag)) return undefined;
    parameters.set(tag, value);
  }
  return { issuer: issuer.toLowerCase().replace(/\.$/, ''), parameters };
}
