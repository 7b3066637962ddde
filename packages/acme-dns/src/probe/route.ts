import dgram from 'node:dgram';
import { systemCode, type Clock } from '@sixhub/base';
import { recordType } from '../domain/codes.js';
import { addressText, parseAddress } from '../domain/ip-address.js';
import {
  isSynthesized,
  prefixesOf,
  prefixText,
  synthesize,
  type Nat64Prefix,
} from '../domain/nat64.js';
import type { ListenAddress } from '../domain/listen-address.js';
import { askWhole, type Answered } from './ask.js';
import type { Resolver } from './resolver.js';

/** How this machine reaches an address; `by` is where the packets go. */
export type Way =
  | { readonly kind: 'direct'; readonly by: string }
  | { readonly kind: 'nat64'; readonly by: string; readonly prefix: string }
  /** Which says nothing about who is there. The reason is a whole sentence without its stop. */
  | { readonly kind: 'none'; readonly reason: string };

export interface RouteOptions {
  /** Whose answer for ipv4only.arpa shows the prefix of the network's NAT64 (RFC 7050). */
  readonly resolver: Pick<Resolver, 'find' | 'place'>;
  readonly clock: Pick<Clock, 'now'>;
}

interface Learned {
  readonly at: number;
  readonly prefixes: Promise<readonly Nat64Prefix[] | string>;
}

/** How long a prefix is believed in: a machine's network may change under it. */
const keptMs = 60_000;

/**
 * The ways out of this machine: its own routes, and for IPv4 without one the NAT64 of its network. No packet is sent
 * but the one question to the resolver, so that a way says nothing about whether the other side answers.
 */
export class Route {
  private readonly options: RouteOptions;
  private learned: Learned | undefined;

  constructor(options: RouteOptions) {
    this.options = options;
  }

  async to(address: string): Promise<Way> {
    const ipv4 = parseAddress(address);
    const version = ipv4?.length === 4 ? 'IPv4' : 'IPv6';
    if (await hasRoute(address)) return { kind: 'direct', by: address };
    const own = `this machine has no route to ${version} addresses like ${address}`;
    if (ipv4?.length !== 4) return { kind: 'none', reason: own };
    const prefixes = await this.prefixes();
    if (typeof prefixes === 'string')
      return { kind: 'none', reason: `${own}, and its NAT64 is not known: ${prefixes}` };
    if (prefixes.length === 0)
      return {
        kind: 'none',
        reason: `${own}, and the resolver ${this.options.resolver.place} knows no NAT64 prefix (RFC 7050)`,
      };
    for (const prefix of prefixes) {
      const by = addressText(synthesize(prefix, ipv4));
      if (await hasRoute(by)) return { kind: 'nat64', by, prefix: prefixText(prefix) };
    }
    const named = prefixes.map(prefixText).join(', ');
    return { kind: 'none', reason: `${own}, nor to the NAT64 prefix ${named}` };
  }

  /**
   * Without those that the network's DNS64 made of A records: whoever is told the addresses of a name server would look
   * for them in vain.
   */
  async genuine(addresses: readonly string[]): Promise<readonly string[]> {
    if (!addresses.some((address) => address.includes(':'))) return addresses;
    const prefixes = await this.prefixes();
    if (typeof prefixes === 'string') return addresses;
    return addresses.filter((address) => {
      const octets = parseAddress(address);
      return !prefixes.some((prefix) => octets !== undefined && isSynthesized(prefix, octets));
    });
  }

  private prefixes(): Learned['prefixes'] {
    const now = this.options.clock.now().getTime();
    const age = now - (this.learned?.at ?? -Infinity);
    // A clock that was set back makes an age below zero.
    if (this.learned === undefined || age < 0 || age >= keptMs)
      this.learned = { at: now, prefixes: lookUp(this.options.resolver) };
    return this.learned.prefixes;
  }
}

async function lookUp(
  resolver: RouteOptions['resolver'],
): Promise<readonly Nat64Prefix[] | string> {
  const found = await resolver.find('ipv4only.arpa', [recordType.AAAA]);
  if (found.kind === 'failed') return found.reason;
  return prefixesOf(found.data.flatMap((address) => parseAddress(address) ?? []));
}

const noRouteCodes = [
  'ENETUNREACH',
  'EHOSTUNREACH',
  'EADDRNOTAVAIL',
  'EAFNOSUPPORT',
  'EACCES',
  'EINVAL',
];

/** A connected UDP socket has been given a route and an address of ours by the kernel, and has sent nothing. */
function hasRoute(address: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = dgram.createSocket(address.includes(':') ? 'udp6' : 'udp4');
    socket.once('error', reject);
    socket.connect(53, address, (error?: Error) => {
      const from = error ? undefined : socket.address().address;
      socket.close();
      if (from !== undefined) resolve(!isLinkLocal(from) || isLinkLocal(address));
      else if (noRouteCodes.includes(systemCode(error) ?? '')) resolve(false);
      else reject(error);
    });
  });
}

/** From such an address nobody behind the next router can be asked. */
function isLinkLocal(address: string): boolean {
  return /^(fe[89ab][0-9a-f]:|169\.254\.)/i.test(address);
}

/** One question to one server by whatever way there is; no way is a silence that says nothing about the server. */
export async function askBy(
  route: Pick<Route, 'to'>,
  server: ListenAddress,
  name: string,
  type: number,
): Promise<Answered> {
  const way = await route.to(server.address);
  return way.kind === 'none'
    ? { kind: 'silent', reason: way.reason, noRoute: true }
    : askWhole(server, name, type, { by: way.by });
}
