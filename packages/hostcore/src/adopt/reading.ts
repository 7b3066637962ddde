import type { IpAddress } from '../domain/ip-address.js';
import { parseAddress } from '../domain/ip-address.js';
import {
  parseInterfaced,
  type Interfaced,
  type IpNetwork,
  networkOf,
} from '../domain/ip-network.js';
import type { MacAddress } from '../domain/mac-address.js';

/** A device as a configuration of before had it, whoever's configuration that was. */
export interface ReadDevice {
  readonly name: string;
  /** `other`: a VLAN, a bond, a tunnel, Wi-Fi: made by what describes it, of which host.toml has no words. */
  kind: 'card' | 'bridge' | 'other';
  mac?: MacAddress;
  ports: string[];
  addresses: Interfaced[];
  /** The other ends of point-to-point addresses. */
  peers: IpAddress[];
  routes: ReadRoute[];
  resolvers: IpAddress[];
  acceptRa?: boolean;
  proxied?: boolean;
}

export interface ReadRoute {
  readonly to: IpNetwork;
  readonly via: IpAddress | undefined;
}

/** What was seen and has no place in host.toml: said to the person, with where it stands. */
export interface Unread {
  readonly path: string;
  readonly line: number | undefined;
  readonly text: string;
  readonly why: string;
  /** It is rendered, in other words: worth telling, and nothing is lost. */
  readonly kept?: true;
}

/** Devices by name, made when they are first spoken of. */
export class Devices {
  readonly all = new Map<string, ReadDevice>();

  get(name: string): ReadDevice {
    const known = this.all.get(name);
    if (known !== undefined) return known;
    const made: ReadDevice = {
      ...{ name, kind: 'card', ports: [], addresses: [], peers: [], routes: [], resolvers: [] },
    };
    this.all.set(name, made);
    return made;
  }
}

/** With or without length; one without is the address alone. */
export function readInterfaced(text: string, length?: number): Interfaced | undefined {
  if (text.includes('/')) return parseInterfaced(text);
  const address = parseAddress(text);
  if (address === undefined) return undefined;
  return { address, length: length ?? (address.family === 4 ? 32 : 128) };
}

export function readDestination(text: string, family: 4 | 6): IpNetwork | undefined {
  if (text === 'default') return { family, bits: 0n, length: 0 };
  const parsed = readInterfaced(text);
  return parsed === undefined ? undefined : networkOf(parsed.address, parsed.length);
}

export const noWord = 'host.toml has no word for it';

export const noDhcp = 'the host has fixed addresses, as a router must';

export const noSpanningTree =
  'the rendered bridge has no spanning tree: it keeps a VM silent for 30 s, and guards against nothing with one card';

export function lineOf(text: string, pattern: RegExp | string): number | undefined {
  const index = text
    .split('\n')
    .findIndex((line) =>
      typeof pattern === 'string' ? line.includes(pattern) : pattern.test(line),
    );
  return index < 0 ? undefined : index + 1;
}
