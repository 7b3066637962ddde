import { judgeDelegation } from '../domain/delegation.js';
import { parseDnsName } from '../domain/dns-name.js';
import type { OwnZone } from '../domain/own-zone.js';
import { persistName, persistValue } from '../domain/persist.js';
import { delegationRecord, zoneRecords, type PublicRecord } from '../domain/public-record.js';
import type { Addresses, DnsClient } from '../dns/dns-client.js';
import { surveyParent } from '../dns/surveyor.js';
import { Gate } from '../issuance/gate.js';
import type { DelegationLookup } from '../ports.js';
import type { CertificateStore } from '../store/certificates.js';
import type { DelegationStore } from '../store/delegations.js';
import { namesOf } from './names-of.js';
import { seeStanding, type StandingContext } from './standing.js';

export interface RecordState extends PublicRecord {
  /** `not made`: another record does in its place. */
  readonly state: 'there' | 'missing' | 'not made' | 'other' | 'not tested';
  /** What was seen instead; empty where it is there. */
  readonly seen: string;
}

export interface RecordsContext extends StandingContext {
  readonly zone: OwnZone;
  readonly client: DnsClient;
  readonly lookup: DelegationLookup;
  readonly delegations: DelegationStore;
  readonly certificates: Pick<CertificateStore, 'list'>;
}

/** So many domains are looked up together. */
const atOnce = 16;

/** Every record that should exist, and whether it does. */
export async function listRecords(
  context: RecordsContext,
  signal: AbortSignal,
): Promise<readonly RecordState[]> {
  const gate = new Gate(atOnce);
  const delegations = await context.delegations.list();
  const proofs = await Promise.all(
    delegations.map(({ domain, target }) =>
      gate.pass(() => lookDomain(domain, target, context, signal)),
    ),
  );
  return [...(await lookZone(context, signal)), ...proofs.flat()];
}

/** The CNAME, and what may stand in its place (dns-persist-01); where that does, the CNAME need not be made. */
async function lookDomain(
  domain: string,
  target: string,
  context: RecordsContext,
  signal: AbortSignal,
): Promise<readonly RecordState[]> {
  const cname = await lookDelegation(domain, target, context, signal);
  const standing = await lookStanding(domain, context, signal);
  const proven = standing.some(({ state }) => state === 'there');
  return cname.state === 'missing' && proven ? standing : [cname, ...standing];
}

async function lookStanding(
  domain: string,
  context: RecordsContext,
  signal: AbortSignal,
): Promise<readonly RecordState[]> {
  const parsed = parseDnsName(domain);
  if (parsed.kind !== 'name') return [];
  const names = namesOf(parsed.name, await context.certificates.list());
  const seen = await seeStanding(parsed.name, names, context, signal);
  return seen.map(({ authority, record, verdict }) => {
    const isThere = verdict.kind === 'ready';
    return {
      name: persistName(record.domain),
      type: 'TXT',
      value: `"${persistValue(record)}"`,
      purpose: `certificates for ${domain} at ${authority} without the CNAME (dns-persist-01, a draft)`,
      state: isThere ? 'there' : verdict.found === undefined ? 'not made' : 'other',
      seen: isThere ? '' : verdict.seen,
    };
  });
}

async function lookDelegation(
  domain: string,
  target: string,
  { lookup }: RecordsContext,
  signal: AbortSignal,
): Promise<RecordState> {
  const record = delegationRecord(domain, target);
  const parsed = parseDnsName(domain);
  if (parsed.kind !== 'name') return { ...record, state: 'not tested', seen: parsed.reason };
  const verdict = judgeDelegation(
    parsed.name,
    target,
    await lookup.look(parsed.name, target, signal),
  );
  switch (verdict.kind) {
    case 'ready':
      return { ...record, state: 'there', seen: '' };
    case 'untested':
      return { ...record, state: 'not tested', seen: verdict.record.seen };
    case 'wanted': {
      const { found, seen } = verdict.record;
      return found === undefined
        ? { ...record, state: 'missing', seen }
        : { ...record, state: 'other', seen: `${seen}: ${found}` };
    }
    default:
      return verdict satisfies never;
  }
}

/** What the servers of the zone above hand out, since that is what the world is led by. */
async function lookZone(
  { zone, client }: RecordsContext,
  signal: AbortSignal,
): Promise<readonly RecordState[]> {
  const records = zoneRecords(zone);
  const parent = await surveyParent(client, zone.domain, signal);
  const [referral] = parent.kind === 'asked' ? parent.referrals : [];
  if (parent.kind === 'unknown' || referral === undefined) {
    const seen = parent.kind === 'unknown' ? parent.reason : `no server of ${parent.zone} answers`;
    return records.map((record) => ({ ...record, state: 'not tested', seen }));
  }
  const isBelow = zone.nameServer === zone.domain || zone.nameServer.endsWith(`.${zone.domain}`);
  const glue = referral.glue.filter(({ name }) => name === zone.nameServer);
  const addresses: Addresses = isBelow
    ? { kind: 'found', addresses: glue.map(({ address }) => address) }
    : await client.addressesOf(zone.nameServer, signal);
  return records.map((record) => {
    if (record.type === 'NS') return compare(record, referral.names);
    if (addresses.kind === 'failed') {
      return { ...record, state: 'not tested', seen: addresses.reason };
    }
    return compare(record, addresses.kind === 'found' ? addresses.addresses : []);
  });
}

function compare(record: PublicRecord, values: readonly string[]): RecordState {
  if (values.includes(record.value.toLowerCase())) return { ...record, state: 'there', seen: '' };
  return values.length === 0
    ? { ...record, state: 'missing', seen: 'nothing' }
    : { ...record, state: 'other', seen: values.join(', ') };
}
