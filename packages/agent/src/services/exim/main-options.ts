import { isIP } from 'node:net';
import type { Protocol } from '@sixhub/wire';
import { loopback } from '../host-addresses.js';
import { portOf } from '../port-names.js';
import { parseInterface, splitEximList } from './exim-list.js';

/** Of `exim4 -bP`; a yes-or-no option is printed alone, as `disable_ipv6` or `no_disable_ipv6`. */
export const mainOptions = [
  'tls_certificate',
  'tls_advertise_hosts',
  'tls_on_connect_ports',
  'daemon_smtp_ports',
  'local_interfaces',
  'disable_ipv6',
] as const;
export type Options = ReadonlyMap<string, string>;

export function parseOptions(text: string): Options {
  return new Map(
    text.split('\n').flatMap((line): (readonly [string, string])[] => {
      const [, name, value] = /^([a-z0-9_]+)(?: =(?: (.*))?)?$/.exec(line) ?? [];
      return name === undefined ? [] : [[name, value?.trim() ?? '']];
    }),
  );
}

/** What the daemon's command line says beyond its configuration: Debian's SMTPLISTENEROPTIONS. */
export interface DaemonLine {
  /** `-oX`: a list of ports and interfaces in place of the configured ones. */
  readonly listens: string | undefined;
  readonly tlsOnConnect: boolean;
}

/** From the text of /etc/default/exim4. */
export function parseDefaults(text: string): DaemonLine {
  const line = /^\s*SMTPLISTENEROPTIONS=(["']?)(.*)\1\s*$/m.exec(text)?.[2] ?? '';
  const [, quoted, single, plain] = /-oX\s*(?:"([^"]*)"|'([^']*)'|(\S+))/.exec(line) ?? [];
  return {
    listens: quoted ?? single ?? plain,
    tlsOnConnect: /(?:^|\s)-tls-on-connect(?:\s|$)/.test(line),
  };
}

export interface Listener {
  readonly host: string;
  readonly port: number;
  readonly protocol: Extract<Protocol, 'smtp' | 'smtps'>;
}

/** The specification's chapter 13, for those listeners that show a certificate to every client. */
export function listenersOf(
  options: Options,
  { listens, tlsOnConnect }: DaemonLine,
  machine: { readonly etcServices: string; readonly ipv6: boolean },
): readonly Listener[] {
  const replaced = splitEximList(listens ?? '');
  const places = replaced.filter((item) => /[.:]/.test(item));
  const names = replaced.filter((item) => !/[.:]/.test(item));
  const option = (name: string): readonly string[] => splitEximList(options.get(name) ?? '');
  const interfaces = places.length > 0 ? places : option('local_interfaces');
  const ports = numbersOf(names.length > 0 ? names : option('daemon_smtp_ports'), machine);
  const implicit = numbersOf(option('tls_on_connect_ports'), machine);
  const starttls = isAdvertisedToAll(option('tls_advertise_hosts'));
  const ipv6 = machine.ipv6 && !options.has('disable_ipv6');
  const listeners = interfaces.flatMap((item): Listener[] => {
    const place = parseInterface(item);
    const host = place === undefined ? undefined : (wildcards.get(place.address) ?? place.address);
    if (host === undefined || isIP(host) === 0 || (host.includes(':') && !ipv6)) return [];
    return (place?.port === undefined ? ports : [place.port]).flatMap((port): Listener[] => {
      if (tlsOnConnect || implicit.includes(port)) return [{ host, port, protocol: 'smtps' }];
      return starttls ? [{ host, port, protocol: 'smtp' }] : [];
    });
  });
  const seen = new Set<string>();
  return listeners.filter(({ host, port }) => {
    const known = seen.has(`${host} ${port}`);
    seen.add(`${host} ${port}`);
    return !known;
  });
}

const wildcards: ReadonlyMap<string, string> = new Map([
  ['0.0.0.0', loopback.ipv4],
  ['::0', loopback.ipv6],
  ['::', loopback.ipv6],
]);

function numbersOf(
  names: readonly string[],
  { etcServices }: { readonly etcServices: string },
): readonly number[] {
  return names.flatMap((name) => portOf(name, etcServices) ?? []);
}

/** Any other host list depends on who comes, which is not told here. */
function isAdvertisedToAll(hosts: readonly string[]): boolean {
  return hosts[0] === '*';
}

/** Whether nothing but the name that a client asks for can change what a value expands to. */
export function dependsOnSniAlone(value: string): boolean {
  // `$name` and `${name}`; `${if …`, `${lookup{…` and `${lc:…` are items and operators.
  const variables = value.matchAll(/\$(?:\{([a-z_0-9]+)\}|([a-z_0-9]+))/g);
  return [...variables].every(([, braced, bare]) => constant.has(braced ?? bare ?? ''));
}

const constant: ReadonlySet<string> = new Set([
  'tls_in_sni',
  'tls_sni',
  'primary_hostname',
  'qualify_domain',
  'config_dir',
  'config_file',
  'spool_directory',
  // What a lookup or a match has found.
  'value',
  ...Array.from({ length: 10 }, (_, digit) => String(digit)),
]);
