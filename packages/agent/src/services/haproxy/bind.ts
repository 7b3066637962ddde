import { ipAddress, portNumber, splitHostPort } from '../ip-address.js';
import type { Line } from './configuration.js';
import type { Word } from './line.js';

/** A socket that a `bind` opens. */
export interface Socket {
  /** `0.0.0.0` and `::` are any address of their family. */
  readonly host: string;
  readonly port: number;
  /** `::` with IPv4; undefined: as the kernel has it. */
  readonly both: boolean | undefined;
}

export interface CertificateOption {
  readonly kind: 'crt' | 'crt-list' | 'default-crt';
  readonly path: Word;
}

/** A `bind` line (manual, §4.2 and §5.1), or undefined where an unknown variable stands in its addresses. */
export interface Bind {
  readonly sockets: readonly Socket[];
  readonly where: string;
  /** TLS that a client begins itself, on a socket that the machine's own clients reach. */
  readonly tls: boolean;
  readonly certificates: readonly CertificateOption[];
  /** Without a name that fits, the handshake fails. */
  readonly strict: boolean;
  /** For a name that none fits, a certificate is made. */
  readonly generated: boolean;
}

/** With these no plain client is let in: a header goes before TLS, or the socket is bound to an interface or elsewhere. */
const otherwise = ['accept-proxy', 'accept-netscaler-cip', 'interface', 'namespace'];

export function bindOf({ words, where }: Line): Bind | undefined {
  const [, addresses, ...options] = words;
  if (addresses === undefined) return undefined;
  const both = options.includes('v6only') ? false : options.includes('v4v6') ? true : undefined;
  return {
    sockets: addresses.split(',').flatMap((address) => socketsOf(address, both)),
    where,
    tls: options.includes('ssl') && !otherwise.some((option) => options.includes(option)),
    certificates: options.flatMap((option, index) =>
      option === 'crt' || option === 'crt-list' || option === 'default-crt'
        ? [{ kind: option, path: options[index + 1] }]
        : [],
    ),
    strict: options.includes('strict-sni'),
    generated: options.includes('generate-certificates'),
  };
}

/** None for what is not TCP (a path, a descriptor, QUIC), and for a host name. */
function socketsOf(address: string, both: boolean | undefined): readonly Socket[] {
  const [, prefix, rest = ''] = /^(?:([a-z0-9+]+)@)?(.*)$/.exec(address) ?? [];
  const family = prefix === undefined ? undefined : families.get(prefix);
  if (prefix !== undefined && family === undefined) return [];
  const place = splitHostPort(rest);
  if (place === undefined || rest.startsWith('/')) return [];
  const any = place.host === '' || place.host === '*';
  const host = any ? (family === 6 ? '::' : '0.0.0.0') : ipAddress(place.host);
  if (host === undefined) return [];
  const [from, to] = place.port.split('-').map(portNumber);
  if (from === undefined) return [];
  return Array.from({ length: Math.max(1, (to ?? from) - from + 1) }, (_, index) => ({
    host,
    port: from + index,
    both,
  }));
}

/** Manual, §11. 0: whichever the address is of. */
const families: ReadonlyMap<string, number> = new Map([
  ...(['ip', 'tcp', 'stream+ip'] as const).map((prefix) => [prefix, 0] as const),
  ...(['ipv4', 'tcp4', 'stream+ipv4'] as const).map((prefix) => [prefix, 4] as const),
  ...(['ipv6', 'tcp6', 'stream+ipv6'] as const).map((prefix) => [prefix, 6] as const),
]);
