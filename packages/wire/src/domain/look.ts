import { formatEndpoint, type Endpoint } from './endpoint.js';

/** One connection to make: an address, with a name (SNI) or without. */
export interface Look {
  readonly endpoint: Endpoint;
  readonly servername: string | undefined;
  /** The client can verify this kind of key alone; absent, it takes what the server prefers. */
  readonly key?: 'ecdsa' | 'rsa';
}

/** What a client was shown there. */
export type Seen =
  | { readonly kind: 'served'; readonly fingerprint: string; readonly notAfter: Date }
  | { readonly kind: 'unreachable'; readonly why: string };

export interface Sight {
  readonly look: Look;
  readonly seen: Seen;
}

/** A client on the wire. Never throws: what it meets is what it reports. */
export type SeeOnWire = (look: Look) => Promise<Seen>;

/** True where there was something to look at and all of it showed this fingerprint. */
export function allServe(sights: readonly Sight[], fingerprint: string): boolean {
  return sights.length > 0 && sights.every((sight) => serves(sight, fingerprint));
}

function serves({ seen }: Sight, fingerprint: string): boolean {
  return seen.kind === 'served' && seen.fingerprint === fingerprint;
}

export function describeLook({ endpoint, servername, key }: Look): string {
  const about = [servername, key?.toUpperCase()].filter((word) => word !== undefined);
  return [formatEndpoint(endpoint), ...(about.length === 0 ? [] : [`(${about.join(', ')})`])].join(
    ' ',
  );
}

/** What was seen instead of `fingerprint`, a clause for each connection that showed something else; `none`: of no sight. */
export function describeMisses(
  sights: readonly Sight[],
  fingerprint: string,
  none: string,
): string {
  if (sights.length === 0) return none;
  return sights
    .filter((sight) => !serves(sight, fingerprint))
    .map(({ look, seen }) =>
      seen.kind === 'served'
        ? `${describeLook(look)} serves another certificate, ${shortPrint(seen.fingerprint)}…, valid until ${seen.notAfter.toISOString().slice(0, 10)}`
        : `${describeLook(look)}: ${seen.why}`,
    )
    .join('; ');
}

/** What people read in place of 64 digits. */
export function shortPrint(fingerprint: string): string {
  return fingerprint.slice(0, 8);
}

/** RFC 6125 §6.4.3: a wildcard stands for exactly one label, the leftmost. */
export function covers(pattern: string, name: string): boolean {
  if (!pattern.startsWith('*.')) return false;
  const dot = name.indexOf('.');
  return dot > 0 && name.slice(dot + 1).toLowerCase() === pattern.slice(2).toLowerCase();
}
