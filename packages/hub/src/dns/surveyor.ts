import {
  rcode,
  rcodeName,
  recordType,
  type DsFields,
  type ReceivedRecord,
  type Response,
} from '@sixhub/acme-dns';
import type { Seen } from '../domain/delegation.js';
import type { DnsName } from '../domain/dns-name.js';
import type { Contact, ParentSurvey, Referral, ServerSurvey, Survey } from '../domain/survey.js';
import { cnameIn, followChain, lookCname, lookWildcard } from './delegation-lookup.js';
import type { DnsClient, Reply } from './dns-client.js';
import { findZone, namesUp } from './zone-cut.js';

/**
 * Walks what a validator walks: from the servers of the zone above, over each name server of the domain's zone at each
 * of its addresses, to the challenge record. A text says why there is no way at all.
 */
export async function takeSurvey(
  client: DnsClient,
  domain: DnsName,
  target: string | undefined,
  signal: AbortSignal,
): Promise<Survey | string> {
  const name = `_acme-challenge.${domain}`;
  const cut = await findZone(client, domain, signal);
  if (typeof cut === 'string') return cut;
  const [parent, resolver, wildcard] = await Promise.all([
    surveyParent(client, cut.zone, signal),
    lookCname(client, name, signal),
    lookWildcard(client, domain, signal),
  ]);
  const above = parent.kind === 'asked' ? parent.referrals.flatMap(({ names }) => names) : [];
  const names = [...new Set([...above, ...cut.nameServers])].toSorted();
  const places = await Promise.all(
    names.map(async (host) => ({ host, found: await client.addressesOf(host, signal) })),
  );
  const servers = await Promise.all(
    places.flatMap(({ host, found }) =>
      found.kind !== 'found'
        ? []
        : found.addresses.map((address) =>
            surveyServer(client, { zone: cut.zone, name, domain, host, address }, signal),
          ),
    ),
  );
  const elsewhere = [resolver, ...servers.map(({ cname }) => cname)].find(
    (saw) => saw.kind === 'cname' && saw.target !== target,
  );
  return {
    domain,
    name,
    zone: cut.zone,
    parent,
    servers: servers.map((server) => ({
      ...server,
      inParent: above.includes(server.name),
      inZone: cut.nameServers.includes(server.name),
    })),
    homeless: places.flatMap(({ host, found }) => (found.kind === 'none' ? [host] : [])),
    notFound: places.flatMap(({ host, found }) =>
      found.kind === 'failed' ? [{ name: host, reason: found.reason }] : [],
    ),
    resolver,
    chain: elsewhere?.kind === 'cname' ? await followChain(client, elsewhere.target, signal) : [],
    wildcard,
  };
}

export async function surveyParent(
  client: DnsClient,
  zone: string,
  signal: AbortSignal,
): Promise<ParentSurvey> {
  const [, above] = namesUp(zone);
  const cut =
    above === undefined ? `${zone} is a top level` : await findZone(client, above, signal);
  if (typeof cut === 'string') return { kind: 'unknown', reason: cut };
  const places = await Promise.all(
    cut.nameServers.map(async (host) => ({ host, found: await client.addressesOf(host, signal) })),
  );
  const asked = await Promise.all(
    places.flatMap(({ host, found }) =>
      found.kind !== 'found'
        ? []
        : found.addresses.map(async (address) => ({
            by: `${host} at ${address}`,
            reply: await client.askServer(address, zone, recordType.NS, { signal }),
            signed: await client.askServer(address, zone, recordType.DS, { signal }),
          })),
    ),
  );
  const referrals: Referral[] = [];
  const silent: { by: string; reason: string }[] = [];
  for (const { by, reply } of asked) {
    if (reply.kind === 'reply') referrals.push(readReferral(by, reply.response, zone));
    else silent.push({ by, reason: reply.reason });
  }
  const told = asked.flatMap(({ signed }) => dsIn(signed) ?? []);
  const isTold = asked.some(({ signed }) => dsIn(signed) !== undefined);
  const ds = isTold ? told : undefined;
  return { kind: 'asked', zone: cut.zone, referrals, silent, ds };
}

/** Undefined where the answer says neither that there are some nor that there are none. */
function dsIn(reply: Reply): readonly DsFields[] | undefined {
  if (reply.kind !== 'reply') return undefined;
  const { rcode: code, authoritative } = reply.response;
  if (!authoritative || (code !== rcode.noError && code !== rcode.nxDomain)) return undefined;
  return reply.response.answer.flatMap(({ fields }) => (fields.kind === 'ds' ? [fields] : []));
}

/** A referral has the name servers in its authority section, a server of both zones among the answers. */
function readReferral(
  by: string,
  { answer, authority, additional }: Response,
  zone: string,
): Referral {
  const names = dataOf([...answer, ...authority], zone, recordType.NS);
  const glue = names.flatMap((name) =>
    [recordType.AAAA, recordType.A].flatMap((type) =>
      dataOf(additional, name, type).map((address) => ({ name, address })),
    ),
  );
  return { by, names, glue, isOwnServer: answer.length > 0 };
}

function dataOf(
  records: readonly ReceivedRecord[],
  owner: string,
  type: number,
): readonly string[] {
  const own = records.filter((one) => one.type === type && one.owner === owner);
  return [...new Set(own.map(({ data }) => data))].toSorted();
}

interface Place {
  readonly zone: string;
  readonly name: string;
  readonly domain: string;
  readonly host: string;
  readonly address: string;
}

async function surveyServer(
  client: DnsClient,
  { zone, name, domain, host, address }: Place,
  signal: AbortSignal,
): Promise<Omit<ServerSurvey, 'inParent' | 'inZone'>> {
  const soa = (transport: 'udp' | 'tcp'): Promise<Reply> =>
    client.askServer(address, zone, recordType.SOA, { transport, signal });
  const [udp, tcp, cname, caa] = await Promise.all([
    soa('udp'),
    soa('tcp'),
    client.askServer(address, name, recordType.CNAME, { signal }),
    client.askServer(address, domain, recordType.CAA, { signal }),
  ]);
  const contact = readContact(udp, zone);
  // What a server says about a zone that is not its own says nothing.
  const saw: Seen =
    contact.kind === 'lame' ? { kind: 'untested', reason: contact.says } : cnameIn(cname, name);
  return {
    name: host,
    address,
    udp: contact,
    tcp: readContact(tcp, zone),
    serial: serialOf(udp) ?? serialOf(tcp),
    cname: saw,
    // Not by the resolver, which would keep the answer and give it when the hub's own value is looked for.
    leftovers:
      saw.kind === 'nothing'
        ? textsIn(await client.askServer(address, name, recordType.TXT, { signal }), name)
        : [],
    // Where it does not even answer for the zone, that is told, and not this as well.
    caaFault: contact.kind === 'authoritative' ? caaFaultOf(caa) : undefined,
  };
}

function textsIn(reply: Reply, owner: string): readonly string[] {
  return reply.kind === 'reply' ? dataOf(reply.response.answer, owner, recordType.TXT) : [];
}

function readContact(reply: Reply, zone: string): Contact {
  if (reply.kind !== 'reply') return reply;
  const { response } = reply;
  if (response.rcode !== rcode.noError) return { kind: 'lame', says: rcodeName(response.rcode) };
  const has = response.answer.some(({ type, owner }) => type === recordType.SOA && owner === zone);
  if (has && response.authoritative) return { kind: 'authoritative' };
  return {
    kind: 'lame',
    says: has ? 'it only repeats what others told it' : 'it has no SOA record',
  };
}

function serialOf(reply: Reply): number | undefined {
  if (reply.kind !== 'reply') return undefined;
  for (const { fields } of reply.response.answer) if (fields.kind === 'soa') return fields.serial;
  return undefined;
}

/** RFC 8659 §5: an authority must not issue where the look-up fails. */
function caaFaultOf(reply: Reply): string | undefined {
  if (reply.kind !== 'reply') return reply.kind === 'silent' ? reply.reason : undefined;
  const { rcode: code } = reply.response;
  return code === rcode.noError || code === rcode.nxDomain
    ? undefined
    : `it answers ${rcodeName(code)}`;
}
