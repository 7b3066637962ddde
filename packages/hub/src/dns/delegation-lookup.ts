import { randomBytes } from 'node:crypto';
import { rcode, rcodeName, recordType } from '@sixhub/acme-dns';
import type { Seen, Sighting } from '../domain/delegation.js';
import type { DnsName } from '../domain/dns-name.js';
import type { DelegationLookup } from '../ports.js';
import type { DnsClient, Reply } from './dns-client.js';
import { findZone } from './zone-cut.js';

/** A domain has rarely more; each is asked once. */
const mostNameServers = 13;
/** An alias of an alias of an alias; resolvers give up near here. */
const longestChain = 8;

export function createDelegationLookup(
  client: DnsClient,
  isTrusted: (domain: DnsName) => boolean,
): DelegationLookup {
  return {
    async look(domain, target, signal) {
      if (isTrusted(domain)) return { resolver: { kind: 'cname', target }, nameServers: [] };
      const name = `_acme-challenge.${domain}`;
      const [resolver, nameServers] = await Promise.all([
        lookCname(client, name, signal),
        askNameServers(client, domain, name, signal),
      ]);
      const elsewhere = [resolver, ...nameServers.map(({ saw }) => saw)].find(
        (saw) => saw.kind === 'cname' && saw.target !== target,
      );
      if (elsewhere?.kind !== 'cname') return { resolver, nameServers };
      return {
        resolver,
        nameServers,
        chain: await followChain(client, elsewhere.target, signal),
        wildcard: await lookWildcard(client, domain, signal),
      };
    },
  };
}

/** A name that nobody made: an answer for it comes from a wildcard. */
export async function lookWildcard(
  client: DnsClient,
  domain: DnsName,
  signal: AbortSignal,
): Promise<string | undefined> {
  const madeUp = `_sixhub-${randomBytes(6).toString('hex')}.${domain}`;
  const seen = await lookCname(client, madeUp, signal);
  return seen.kind === 'cname' ? seen.target : undefined;
}

export async function lookCname(
  client: DnsClient,
  name: string,
  signal: AbortSignal,
): Promise<Seen> {
  const found = await client.resolve(name, recordType.CNAME, signal);
  if (found.kind === 'failed') return { kind: 'untested', reason: found.reason };
  const [record] = found.records;
  return record === undefined ? { kind: 'nothing' } : { kind: 'cname', target: record.data };
}

/** RFC 1034 §3.6.2: `first`, and every name that it leads on to. */
export async function followChain(
  client: DnsClient,
  first: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const chain = [first];
  for (let name = first; chain.length < longestChain;) {
    const next = await lookCname(client, name, signal);
    if (next.kind !== 'cname' || chain.includes(next.target)) break;
    chain.push(next.target);
    name = next.target;
  }
  return chain;
}

async function askNameServers(
  client: DnsClient,
  domain: DnsName,
  name: string,
  signal: AbortSignal,
): Promise<readonly Sighting[]> {
  const cut = await findZone(client, domain, signal);
  if (typeof cut === 'string') return [];
  return Promise.all(
    cut.nameServers.slice(0, mostNameServers).map(async (by): Promise<Sighting> => {
      const found = await client.addressesOf(by, signal);
      if (found.kind === 'failed') return { by, saw: { kind: 'untested', reason: found.reason } };
      let saw: Seen = { kind: 'untested', reason: `${by} has no address` };
      for (const address of found.kind === 'found' ? found.addresses : []) {
        saw = cnameIn(await client.askServer(address, name, recordType.CNAME, { signal }), name);
        if (saw.kind !== 'untested') break;
      }
      return { by, saw };
    }),
  );
}

/** What a name server that answers for the zone says; whatever is no such answer says nothing about the record. */
export function cnameIn(reply: Reply, name: string): Seen {
  if (reply.kind !== 'reply') return { kind: 'untested', reason: reply.reason };
  const { response } = reply;
  if (response.rcode !== rcode.noError && response.rcode !== rcode.nxDomain) {
    return { kind: 'untested', reason: `it answers ${rcodeName(response.rcode)}` };
  }
  const record = response.answer.find(
    ({ owner, type }) => type === recordType.CNAME && owner === name,
  );
  if (record !== undefined) return { kind: 'cname', target: record.data };
  return response.authoritative
    ? { kind: 'nothing' }
    : { kind: 'untested', reason: 'it does not answer for this zone itself' };
}
