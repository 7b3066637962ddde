import { ipAddress, portNumber, splitHostPort } from '../ip-address.js';
import type { Directive } from './config-dump.js';

/** A `Listen`, as https://httpd.apache.org/docs/2.4/mod/mpm_common.html#listen has it. */
export interface Listener {
  /** Undefined: any address. */
  readonly host: string | undefined;
  readonly port: number;
  /** Which families it takes where it takes any address. */
  readonly families: { readonly v4: boolean; readonly v6: boolean };
  readonly protocol: string;
}

export function listenersOf(main: readonly Directive[]): readonly Listener[] {
  return main.flatMap((directive) => {
    const listener = directive.name === 'listen' ? listenerOf(directive) : undefined;
    return listener === undefined ? [] : [listener];
  });
}

function listenerOf({ words: [place = '', named] }: Directive): Listener | undefined {
  const { host, port: digits } = splitHostPort(place) ?? { host: '*', port: place };
  const port = portNumber(digits);
  if (port === undefined) return undefined;
  const protocol = named?.toLowerCase() ?? (port === 443 ? 'https' : 'http');
  // Debian's Apache takes IPv4 at an IPv6 socket too (`IPv4-mapped addresses enabled` in `apache2 -V`).
  const both = { v4: true, v6: true };
  if (host === '*') return { host: undefined, port, families: both, protocol };
  const address = ipAddress(host);
  if (address === undefined) return undefined; // a host name: whose addresses it has, another may change
  if (address === '0.0.0.0')
    return { host: undefined, port, families: { v4: true, v6: false }, protocol };
  if (address === '::') return { host: undefined, port, families: both, protocol };
  return { host: address, port, families: both, protocol };
}
