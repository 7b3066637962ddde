import { formatAddress, type IpAddress } from '../ip-address.js';
import { networkOf, type IpNetwork } from '../ip-network.js';

/** A router advertisement as it was in the frame: RFC 4861 §4.2 with the options of RFC 4191, 8106 and 8781. */
export interface RouterAdvert {
  /** Of the Ethernet frame. */
  readonly mac: string;
  readonly from: IpAddress;
  /** Seconds for which it is a default router; 0: it is none. */
  readonly lifetime: number;
  readonly managed: boolean;
  readonly other: boolean;
  readonly preference: Preference;
  readonly prefixes: readonly AdvertisedPrefix[];
  readonly routes: readonly (Lasting & { readonly to: IpNetwork })[];
  readonly resolvers: readonly (Lasting & { readonly address: IpAddress })[];
  readonly search: readonly (Lasting & { readonly domain: string })[];
  readonly pref64: readonly (Lasting & { readonly prefix: IpNetwork })[];
}

export type Preference = 'low' | 'medium' | 'high';

interface Lasting {
  readonly lifetime: number;
}

interface AdvertisedPrefix {
  readonly prefix: IpNetwork;
  readonly onLink: boolean;
  readonly autonomous: boolean;
  readonly valid: number;
  readonly preferred: number;
}

const ethernet = 14;
const ipv6 = 40;
const fixedPart = 16;
const advertisement = 134;

/**
 * Undefined where the frame is none that a host would take (RFC 4861 §6.1.2: hop limit 255, from a link-local address). An
 * advertisement behind extension headers is not looked for: ours have none.
 */
export function parseRouterAdvert(frame: Uint8Array): RouterAdvert | undefined {
  const packet = view(frame.subarray(ethernet));
  if (frame.length < ethernet + ipv6 + fixedPart || view(frame).getUint16(12) !== 0x86dd) return;
  if (packet.getUint8(6) !== 58 || packet.getUint8(7) !== 255) return;
  const message = frame.subarray(ethernet + ipv6, ethernet + ipv6 + packet.getUint16(4));
  if (message[0] !== advertisement || message.length < fixedPart) return;
  const fixed = view(message);
  const flags = fixed.getUint8(5);
  const found = { prefixes: [], routes: [], resolvers: [], search: [], pref64: [] };
  readOptions(message.subarray(fixedPart), found);
  return {
    mac: Array.from(frame.subarray(6, 12), (one) => one.toString(16).padStart(2, '0')).join(':'),
    from: addressAt(frame, ethernet + 8),
    lifetime: fixed.getUint16(6),
    managed: (flags & 0x80) !== 0,
    other: (flags & 0x40) !== 0,
    preference: preferences[(flags >> 3) & 3] ?? 'medium',
    ...found,
  };
}

/** RFC 4191 §2.1; 2 is reserved, and taken for medium. */
const preferences: readonly Preference[] = ['medium', 'high', 'medium', 'low'];

interface Collected {
  prefixes: RouterAdvert['prefixes'][number][];
  routes: RouterAdvert['routes'][number][];
  resolvers: RouterAdvert['resolvers'][number][];
  search: RouterAdvert['search'][number][];
  pref64: RouterAdvert['pref64'][number][];
}

function readOptions(options: Uint8Array, into: Collected): void {
  for (let at = 0; at + 8 <= options.length;) {
    const length = (options[at + 1] ?? 0) * 8;
    if (length === 0 || at + length > options.length) return; // RFC 4861 §4.6: the rest can't be read
    readOption(options.subarray(at, at + length), into);
    at += length;
  }
}

function readOption(option: Uint8Array, into: Collected): void {
  const fields = view(option);
  switch (option[0]) {
    case 3: // prefix information, RFC 4861 §4.6.2
      if (option.length < 32) return;
      into.prefixes.push({
        prefix: networkOf(addressAt(option, 16), Math.min(128, fields.getUint8(2))),
        onLink: (fields.getUint8(3) & 0x80) !== 0,
        autonomous: (fields.getUint8(3) & 0x40) !== 0,
        valid: fields.getUint32(4),
        preferred: fields.getUint32(8),
      });
      return;
    case 24: // route information, RFC 4191 §2.3: of the prefix as many octets as it needs
      into.routes.push({
        to: networkOf(addressAt(padded(option.subarray(8)), 0), Math.min(128, fields.getUint8(2))),
        lifetime: fields.getUint32(4),
      });
      return;
    case 25: // recursive name servers, RFC 8106 §5.1
      for (let at = 8; at + 16 <= option.length; at += 16) {
        into.resolvers.push({ address: addressAt(option, at), lifetime: fields.getUint32(4) });
      }
      return;
    case 31: // search domains, RFC 8106 §5.2
      for (const domain of domains(option.subarray(8))) {
        into.search.push({ domain, lifetime: fields.getUint32(4) });
      }
      return;
    case 38: {
      // NAT64 prefix, RFC 8781 §4: thirteen bits of lifetime in eights, three of the prefix's length
      if (option.length < 16) return;
      const scaled = fields.getUint16(2);
      const length = pref64Lengths[scaled & 7];
      if (length === undefined) return;
      const bits = addressAt(padded(option.subarray(4, 16)), 0);
      into.pref64.push({ prefix: networkOf(bits, length), lifetime: (scaled >> 3) * 8 });
      return;
    }
    default: // of no concern here
  }
}

const pref64Lengths = [96, 64, 56, 48, 40, 32];

function padded(part: Uint8Array): Uint8Array {
  const whole = new Uint8Array(16);
  whole.set(part.subarray(0, 16));
  return whole;
}

/** Names as in DNS messages, without compression, each ended by an empty label; zeros fill up the rest. */
function domains(octets: Uint8Array): readonly string[] {
  const found: string[] = [];
  let labels: string[] = [];
  for (let at = 0; at < octets.length;) {
    const length = octets[at] ?? 0;
    if (length === 0 && labels.length === 0) break;
    if (length === 0) {
      found.push(labels.join('.'));
      labels = [];
    } else {
      labels.push(String.fromCharCode(...octets.subarray(at + 1, at + 1 + length)));
    }
    at += 1 + length;
  }
  return found;
}

function view(octets: Uint8Array): DataView {
  return new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
}

function addressAt(octets: Uint8Array, at: number): IpAddress {
  const bits = octets.subarray(at, at + 16).reduce((sum, octet) => (sum << 8n) | BigInt(octet), 0n);
  return { family: 6, bits };
}

/** For people: who it was. */
export function senderOf({ mac, from }: RouterAdvert): string {
  return `${formatAddress(from)} (${mac})`;
}
