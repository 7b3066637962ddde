import { recordType } from '@sixhub/acme-dns';
import type { DnsClient } from './dns-client.js';

/** A zone, and the name servers that it says it has. */
export interface ZoneCut {
  readonly zone: string;
  /** In lower case, sorted. */
  readonly nameServers: readonly string[];
}

/** RFC 1034 §4.2.1: the closest zone at the name or above it, through the resolver; a text says why there is none. */
export async function findZone(
  client: DnsClient,
  name: string,
  signal: AbortSignal,
): Promise<ZoneCut | string> {
  let reason = `no zone at or above ${name} has a name server`;
  for (const zone of namesUp(name)) {
    const found = await client.resolve(zone, recordType.NS, signal);
    // A name below a cut can fail where the zone above answers.
    if (found.kind === 'failed') reason = found.reason;
    // An alias leads to another zone's name servers, which say nothing about this one.
    else if (found.records.some(({ owner }) => owner === zone)) {
      const own = found.records.filter(({ owner }) => owner === zone);
      return { zone, nameServers: [...new Set(own.map(({ data }) => data))].toSorted() };
    }
  }
  return reason;
}

/** The name and those above it, without the root. */
export function namesUp(name: string): readonly string[] {
  const labels = name.toLowerCase().split('.');
  return labels.map((_, index) => labels.slice(index).join('.'));
}
