import { ipAddress, portNumber, splitHostPort, withoutBrackets } from '../ip-address.js';

/** One address of a `listen` (https://nginx.org/en/docs/http/ngx_http_core_module.html#listen). */
export interface Listen {
  /** As it is compared: `0.0.0.0` and `::` are any address of their family. */
  readonly host: string;
  readonly port: number;
  readonly ssl: boolean;
  readonly byDefault: boolean;
  /** A client that does not begin with the PROXY protocol is cut off. */
  readonly proxied: boolean;
  /** `::` takes IPv4 too. */
  readonly both: boolean;
}

/** Several for a range of ports; none for a socket in the file system, for UDP, and for a host name. */
export function listensOf([address = '', ...options]: readonly string[]): readonly Listen[] {
  if (options.includes('quic') || options.includes('udp')) return [];
  const place = placeOf(address);
  if (place === undefined) return [];
  return place.ports.map((port) => ({
    host: place.host,
    port,
    ssl: options.includes('ssl'),
    byDefault: options.includes('default_server') || options.includes('default'),
    proxied: options.includes('proxy_protocol'),
    both: options.includes('ipv6only=off'),
  }));
}

function placeOf(
  address: string,
): { readonly host: string; readonly ports: readonly number[] } | undefined {
  if (address.startsWith('unix:')) return undefined;
  const alone = portsOf(address);
  if (alone.length > 0) return { host: '0.0.0.0', ports: alone };
  // An address without a port listens at 80.
  const { host, port } = splitHostPort(address) ?? { host: withoutBrackets(address), port: '80' };
  const known = host === '*' || host === '' ? '0.0.0.0' : ipAddress(host);
  return known === undefined ? undefined : { host: known, ports: portsOf(port) };
}

function portsOf(text: string): readonly number[] {
  const [first = '', last = first, ...more] = text.split('-');
  const [from, to] = [portNumber(first), portNumber(last)];
  if (from === undefined || to === undefined || more.length > 0) return [];
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
}
