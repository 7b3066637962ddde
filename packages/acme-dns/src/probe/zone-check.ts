import { recordType, rcode } from '../domain/codes.js';
import { listenText, type ListenAddress } from '../domain/listen-address.js';
import type { ReceivedRecord, Response } from '../domain/response.js';
import { ask } from './ask.js';

/** One thing that was looked at. `hint` says what to change where it is not well. */
export interface Finding {
  readonly ok: boolean;
  readonly what: string;
  readonly hint?: string;
}

export interface CheckOptions {
  readonly domain: string;
  readonly nameServer: string;
  /** Where the configuration has the server listen. */
  readonly listen: readonly ListenAddress[];
  readonly resolver: ListenAddress;
  /** Port of authoritative servers; 53 unless a test says otherwise. */
  readonly port: number;
}

/** Looks at the zone as an authority's validator will: from the parent down to this server, each link by itself. */
export async function checkZone(options: CheckOptions): Promise<readonly Finding[]> {
  return [
    ...(await checkOwn(options)),
    ...(await checkDelegation(options)),
    ...(await checkCaa(options)),
  ];
}

async function checkOwn({ domain, listen }: CheckOptions): Promise<readonly Finding[]> {
  const found: Finding[] = [];
  for (const where of listen) found.push(...(await checkServer(where, domain, 'this server')));
  return found;
}

async function checkServer(
  where: ListenAddress,
  domain: string,
  who: string,
): Promise<readonly Finding[]> {
  const place = `${who} at ${listenText(where)}`;
  const found: Finding[] = [];
  for (const transport of ['udp', 'tcp'] as const) {
    const answer = await ask(where, domain, recordType.SOA, { transport });
    const over = transport.toUpperCase();
    if (answer.kind === 'silent') {
      const hint = `Is it running, and does a firewall let ${over} port ${where.port} in from everywhere?`;
      found.push({ ok: false, what: `${place}: ${over}: ${answer.reason}`, hint });
      continue;
    }
    found.push(judgeSoa(answer.response, `${place}: ${over}`, domain));
  }
  return found;
}

function judgeSoa(response: Response, place: string, domain: string): Finding {
  if (response.rcode === rcode.refused)
    return {
      ok: false,
      what: `${place}: REFUSED for ${domain}`,
      hint: 'Another program answers there, or it serves another zone: compare general.domain.',
    };
  const soa = response.answer.some(({ type }) => type === recordType.SOA);
  if (!soa || !response.authoritative)
    return {
      ok: false,
      what: `${place}: not authoritative for ${domain}`,
      hint: 'A resolver answers there, or the address belongs to another machine.',
    };
  if (!response.edns)
    return {
      ok: false,
      what: `${place}: answers without EDNS`,
      hint: 'A box between takes it out; let DNS pass unchanged.',
    };
  return { ok: true, what: `${place}: authoritative, with EDNS` };
}

/** The parent's own servers, found through the resolver, tell what the world is told about the zone. */
async function checkDelegation(options: CheckOptions): Promise<readonly Finding[]> {
  const { domain, nameServer, port } = options;
  const parent = await parentOf(options);
  if (parent === undefined)
    return [
      {
        ok: false,
        what: `no zone above ${domain} was found by the resolver ${listenText(options.resolver)}`,
        hint: 'Does this machine reach the internet, and is the domain registered?',
      },
    ];
  const server = { address: parent.address, port };
  const answer = await ask(server, domain, recordType.NS);
  const from = `${parent.zone} (asked at ${parent.address})`;
  if (answer.kind === 'silent')
    return [{ ok: false, what: `${from}: ${answer.reason}`, hint: 'Try again later.' }];
  const { response } = answer;
  const records = [...response.authority, ...response.answer];
  const names = dataOf(records, domain, [recordType.NS]);
  const own = nameServer.toLowerCase().replace(/\.$/, '');
  if (names.length === 0)
    return [
      {
        ok: false,
        what: `${from} delegates no zone ${domain}`,
        hint: `Add to the zone ${parent.zone}:\n${domain}. NS ${own}.\nand, if ${own} is below it, its A and AAAA records.`,
      },
    ];
  const found: Finding[] = [
    names.includes(own)
      ? { ok: true, what: `${from} delegates to ${names.join(', ')}` }
      : {
          ok: false,
          what: `${from} delegates to ${names.join(', ')}, the configuration says ${own}`,
          hint: `Change the NS record in ${parent.zone}, or general.nsname.`,
        },
  ];
  for (const name of names) found.push(...(await checkNamed(options, name, response)));
  return found;
}

async function checkNamed(
  options: CheckOptions,
  name: string,
  referral: Response,
): Promise<readonly Finding[]> {
  const { domain, port } = options;
  const types = [recordType.A, recordType.AAAA];
  const glue = dataOf(referral.additional, name, types);
  const below = name === domain || name.endsWith(`.${domain}`);
  if (below && glue.length === 0)
    return [
      {
        ok: false,
        what: `the parent has no glue for ${name}`,
        hint: `Add A and AAAA records of ${name} beside the NS record there.`,
      },
    ];
  const addresses = glue.length > 0 ? glue : await lookUp(options, name, types);
  const found: Finding[] =
    addresses.length > 0
      ? []
      : [{ ok: false, what: `${name} has no address`, hint: 'Add its A and AAAA records.' }];
  for (const address of addresses)
    found.push(...(await checkServer({ address, port }, domain, name)));
  return found;
}

/** The nearest name above with a CAA record decides (RFC 8659 §3), for the API's own certificate and any other. */
async function checkCaa(options: CheckOptions): Promise<readonly Finding[]> {
  for (const name of namesUp(options.domain)) {
    const found = await lookUp(options, name, [recordType.CAA]);
    if (found.length === 0) continue;
    const issuers = found.filter((data) => data.startsWith('issue '));
    return [{ ok: true, what: `CAA at ${name}: ${issuers.join(', ') || 'no issue property'}` }];
  }
  return [{ ok: true, what: 'no CAA record limits which authority may issue' }];
}

async function parentOf(
  options: CheckOptions,
): Promise<{ readonly zone: string; readonly address: string } | undefined> {
  for (const zone of namesUp(options.domain).slice(1)) {
    for (const server of await lookUp(options, zone, [recordType.NS])) {
      const addresses = await lookUp(options, server, [recordType.A, recordType.AAAA]);
      const address = addresses[0];
      if (address !== undefined) return { zone, address };
    }
  }
  return undefined;
}

async function lookUp(
  { resolver }: CheckOptions,
  name: string,
  types: readonly number[],
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const type of types) {
    const how = { transport: 'udp', recursion: true } as const;
    const answer = await ask(resolver, name, type, how);
    if (answer.kind === 'answered')
      found.push(...answer.response.answer.flatMap((one) => (one.type === type ? [one.data] : [])));
  }
  return found;
}

function dataOf(
  records: readonly ReceivedRecord[],
  owner: string,
  types: readonly number[],
): readonly string[] {
  return records.flatMap((one) =>
    types.includes(one.type) && one.owner === owner.toLowerCase() ? [one.data] : [],
  );
}

function namesUp(domain: string): readonly string[] {
  const labels = domain.toLowerCase().split('.');
  return labels.map((_, index) => labels.slice(index).join('.'));
}
