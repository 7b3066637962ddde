import type { Host } from '../domain/host.js';
import { formatAddress } from '../domain/ip-address.js';
import { formatInterfaced, formatNetwork } from '../domain/ip-network.js';
import { isOnLink, layout, type DeviceLayout, type LaidRoute } from '../domain/layout.js';
import { netplanFile } from '../domain/network-files.js';
import { acceptingSection } from './networkd.js';
import { sendingSections } from './networkd-ra.js';
import { text, type Part } from './part.js';

/** netplan(5), with networkd below it; what netplan can't say goes into drop-ins of the files that it generates. */

const taker = { kind: 'network', manager: 'netplan' } as const;

export function netplanFiles(host: Host): readonly Part[] {
  const devices = layout(host);
  const cards = devices.filter(({ kind }) => kind === 'card');
  const bridges = devices.filter(({ kind }) => kind === 'bridge');
  return [
    {
      path: netplanFile,
      purpose: 'Devices, addresses and routes.',
      body: text([
        'network:',
        '  version: 2',
        '  renderer: networkd',
        ...section(host, 'ethernets', cards),
        ...section(host, 'bridges', bridges),
      ]),
      // Newer netplan complains of files that others may read: some have a Wi-Fi password in them.
      mode: 0o600,
      taker,
    },
    ...devices.flatMap((device) => dropIn(host, device)),
  ];
}

function dropIn(host: Host, { device }: DeviceLayout): readonly Part[] {
  const accepts = host.links.some((link) => link.device === device && link.accept);
  const lines = [...(accepts ? acceptingSection() : []), ...sendingSections(host, device)];
  if (lines.length === 0) return [];
  return [
    {
      path: `/etc/systemd/network/10-netplan-${device}.network.d/sixhub.conf`,
      purpose: `Router advertisements on ${device}, which netplan has no words for.`,
      body: text(lines.slice(1)),
      taker,
    },
  ];
}

function section(host: Host, title: string, devices: readonly DeviceLayout[]): readonly string[] {
  if (devices.length === 0) return [];
  return [`  ${title}:`, ...devices.flatMap((device) => deviceLines(host, device))];
}

function deviceLines(host: Host, laid: DeviceLayout): readonly string[] {
  const { inside, links, resolvers, uplink } = host;
  const isOuter = laid.routes.some(({ to, via }) => to.length === 0 && via !== undefined);
  const accepts = links.some((link) => link.device === laid.device && link.accept);
  const ports = layout(host).filter(({ master }) => master === laid.device);
  const lines = [
    // Nobody waits at boot for what has no carrier before the VMs start.
    ...(isOuter || laid.device === uplink.device ? [] : ['optional: true']),
    'dhcp4: false',
    'dhcp6: false',
    `accept-ra: ${accepts}`,
    `link-local: [${laid.master === undefined ? 'ipv6' : ''}]`,
    // For a bridge netplan has it by itself.
    ...(laid.device === inside.device && laid.kind === 'card' ? ['ignore-carrier: true'] : []),
    ...(laid.kind === 'bridge'
      ? [
          `interfaces: [${ports.map(({ device }) => device).join(', ')}]`,
          ...(inside.mac === undefined ? [] : [`macaddress: "${inside.mac}"`]),
          'parameters:',
          '  stp: false',
          '  forward-delay: 0',
        ]
      : []),
    ...list('addresses', laid.addresses, (one) => [`# ${one.why}`, `- "${formatInterfaced(one)}"`]),
    ...list('routes', laid.routes, (one) => [`# ${one.why}`, ...routeLines(laid, one)]),
    ...(isOuter && resolvers.length > 0
      ? [
          'nameservers:',
          `  addresses: [${resolvers.map((one) => `"${formatAddress(one)}"`).join(', ')}]`,
        ]
      : []),
  ];
  return [`    ${laid.device}:`, ...lines.map((line) => `      ${line}`)];
}

function routeLines(laid: DeviceLayout, { to, via, kind }: LaidRoute): readonly string[] {
  // `default` alone would be IPv4's to some versions; the whole network says which it is.
  const destination =
    to.length === 0 ? (to.family === 6 ? '::/0' : '0.0.0.0/0') : formatNetwork(to);
  if (kind === 'unreachable') return [`- to: "${destination}"`, '  type: unreachable'];
  if (via === undefined) return [`- to: "${destination}"`, '  scope: link'];
  return [
    `- to: "${destination}"`,
    `  via: "${formatAddress(via)}"`,
    ...(isOnLink(laid, via) ? ['  on-link: true'] : []),
  ];
}

function list<T>(
  key: string,
  entries: readonly T[],
  lines: (entry: T) => readonly string[],
): readonly string[] {
  if (entries.length === 0) return [];
  return [`${key}:`, ...entries.flatMap(lines).map((line) => `  ${line}`)];
}
