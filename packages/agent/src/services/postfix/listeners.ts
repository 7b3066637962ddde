import type { ReaderParts } from '../reader-parts.js';
import { addressesOf, hasIpv6, loopback } from '../host-addresses.js';
import { portOf } from '../port-names.js';
import { isDisabled, placeOf, type MasterService } from './master-service.js';
import { splitList } from './tokens.js';

/** An inet service of master.cf with what answers there. */
export interface Listener {
  readonly service: MasterService;
  /** The smtpd that shows its certificate there: itself, or the one that a postscreen hands its clients to. */
  readonly smtpd: MasterService;
  readonly hosts: readonly string[];
  readonly port: number;
}

/** Values of main.cf that master(8) itself reads: a service's own `-o` does not reach it. */
export interface MasterParameters {
  readonly inetInterfaces: string;
  readonly inetProtocols: string;
  readonly disabled: string;
  /** The `pass` service that postscreen(8) hands its clients to. */
  readonly smtpdServiceName: string;
}

export async function listenersOf(
  parts: ReaderParts,
  services: readonly MasterService[],
  parameters: MasterParameters,
): Promise<readonly Listener[]> {
  const etcServices = await parts.files.read('/etc/services').catch(() => ''); // the table of mail ports remains
  const listeners: Listener[] = [];
  for (const service of services) {
    const smtpd = smtpdOf(service, services, parameters.smtpdServiceName);
    if (smtpd === undefined || isDisabled(service, parameters.disabled)) continue;
    const place = placeOf(service.name);
    const port = portOf(place.port, etcServices);
    if (port === undefined) continue;
    listeners.push({ service, smtpd, port, hosts: await hostsOf(parts, place.host, parameters) });
  }
  return listeners;
}

function smtpdOf(
  service: MasterService,
  services: readonly MasterService[],
  handedTo: string,
): MasterService | undefined {
  if (service.type !== 'inet') return undefined;
  if (service.program === 'smtpd') return service;
  if (service.program !== 'postscreen') return undefined;
  return services.find(
    ({ name, type, program }) => name === handedTo && type === 'pass' && program === 'smtpd',
  );
}

async function hostsOf(
  parts: ReaderParts,
  host: string | undefined,
  { inetInterfaces, inetProtocols }: MasterParameters,
): Promise<readonly string[]> {
  const protocols = splitList(inetProtocols.toLowerCase());
  const families = {
    ipv4: protocols.includes('all') || protocols.includes('ipv4'),
    ipv6: (protocols.includes('all') || protocols.includes('ipv6')) && (await hasIpv6(parts)),
  };
  const everywhere = [
    ...(families.ipv6 ? [loopback.ipv6] : []),
    ...(families.ipv4 ? [loopback.ipv4] : []),
  ];
  const own = inetInterfaces.trim().toLowerCase();
  if (host === undefined && (own === 'all' || own === 'loopback-only')) return everywhere;
  const named =
    host === undefined
      ? splitList(inetInterfaces).map((each) => each.replace(/^\[(.*)\]$/, '$1'))
      : [host];
  const addresses = (await Promise.all(named.map((each) => addressesOf(parts, each)))).flat();
  const concrete = addresses
    .filter((address) => (address.includes(':') ? families.ipv6 : families.ipv4))
    .map((address) => wildcards.get(address) ?? address);
  return [...new Set(concrete)];
}

/** postfix listens with IPV6_V6ONLY: `::` is no IPv4. */
const wildcards: ReadonlyMap<string, string> = new Map([
  ['0.0.0.0', loopback.ipv4],
  ['::', loopback.ipv6],
]);
