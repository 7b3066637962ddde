import { formatAddress, type IpAddress } from '../domain/ip-address.js';
import { formatNetwork, type IpNetwork } from '../domain/ip-network.js';

/** As host.toml has it; what is the default anyway, or is not there, is left out. */
export function shown(
  value: IpAddress | IpNetwork | undefined,
  usual?: string,
): string | undefined {
  if (value === undefined) return undefined;
  const text = 'length' in value ? formatNetwork(value) : formatAddress(value);
  return text === usual ? undefined : text;
}

export function shownAll(
  values: readonly (IpAddress | IpNetwork)[] | undefined,
): readonly string[] | undefined {
  return values === undefined ? undefined : some(values.flatMap((one) => shown(one) ?? []));
}

/** An empty list says nothing. */
export function some<T>(values: readonly T[]): readonly T[] | undefined {
  return values.length === 0 ? undefined : values;
}

export function unless<T>(same: boolean, value: T | undefined): T | undefined {
  return same ? undefined : value;
}
