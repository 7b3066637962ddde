import { recordType } from '../domain/codes.js';
import type { ListenAddress } from '../domain/listen-address.js';
import type { ReceivedRecord, Response } from '../domain/response.js';
import type { Route } from './route.js';
import type { Resolver } from './resolver.js';

export interface DelegationOptions {
  readonly domain: string;
  /** As the configuration has it. */
  readonly nameServer: string;
  readonly resolver: Pick<Resolver, 'find'>;
  /** Port of authoritative servers; 53 unless a test says otherwise. */
  readonly port: number;
  /** What these settings are called where the administrator finds them. */
  readonly settings: {
    readonly domain: string;
    readonly nameServer: string;
    readonly records: string;
  };
  /** The ways out of this machine. */
  readonly route: Pick<Route, 'to' | 'genuine'>;
}

/** The zone above, with every address of its name servers. */
export interface Parent {
  readonly zone: string;
  readonly servers: readonly ListenAddress[];
}

export const addressTypes = [recordType.A, recordType.AAAA];

/** The nearest name above that has name servers of its own; a text says why there is none. */
export async function findParent(options: DelegationOptions): Promise<Parent | string> {
  const { domain, resolver, port } = options;
  for (const zone of namesUp(domain).slice(1)) {
    const names = await resolver.find(zone, [recordType.NS]);
    if (names.kind === 'failed') return names.reason;
    const servers: ListenAddress[] = [];
    for (const name of names.data) {
      const found = await addressesOf(name, options);
      if (typeof found === 'string') return found;
      servers.push(...found.map((address) => ({ address, port })));
    }
    if (servers.length > 0) return { zone, servers };
  }
  return `no zone above ${domain} has a name server`;
}

/** As they are in the name's own zone; a text says why they are not known. */
export async function addressesOf(
  name: string,
  { resolver, route }: Pick<DelegationOptions, 'resolver' | 'route'>,
): Promise<readonly string[] | string> {
  const found = await resolver.find(name, addressTypes);
  return found.kind === 'failed' ? found.reason : route.genuine(found.data);
}

export function namesUp(domain: string): readonly string[] {
  const labels = domain.toLowerCase().split('.');
  return labels.map((_, index) => labels.slice(index).join('.'));
}

/** The data of an owner's records of some types, in order. */
export function dataOf(
  records: readonly ReceivedRecord[],
  owner: string,
  types: readonly number[],
): readonly string[] {
  const own = records.filter(
    (one) => types.includes(one.type) && one.owner === owner.toLowerCase(),
  );
  return [...new Set(own.map(({ data }) => data))].toSorted();
}

/** A referral has the name servers in its authority section, a server that has both zones among the answers. */
export function namesOf(response: Response, domain: string): readonly string[] {
  return dataOf([...response.authority, ...response.answer], domain, [recordType.NS]);
}
