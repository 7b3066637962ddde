import type { Facts } from '../facts.js';
import { foreignManagers } from '../foreign.js';
import { formerBridges } from '../former-bridges.js';
import type { Host } from '../host.js';
import { lossesOf } from '../losses.js';
import { ownership } from '../origin.js';
import type { Loss } from '../said.js';
import type { Digest } from '../stable-address.js';

/** A file that goes out of the way: one manager is left, and one file of it for each device. */
export interface SetAside {
  readonly path: string;
  readonly why: string;
  readonly lost: readonly Loss[];
}

type Seen = Pick<Facts, 'files' | 'said' | 'kernel'>;

export function setAside(host: Host, facts: Seen, digest: Digest): readonly SetAside[] {
  const { files } = facts;
  const foreign = foreignManagers(host, files, formerBridges(host, facts));
  const named = foreign.map(({ path, manager, devices, line }) => ({
    ...{ path, manager },
    why: `${manager} configures ${devices.join(', ')} by it (line ${line})`,
  }));
  const first = foreign.find(({ manager }) => manager === 'ifupdown');
  const orphans = first === undefined ? [] : stanzasElsewhere(files, foreign);
  return [
    ...named,
    // With `networking` switched off, nobody reads the others of its files either.
    ...orphans.map((path) => ({
      ...{ path, manager: 'ifupdown' as const },
      why: 'nothing reads it any more: ifupdown is switched off',
    })),
  ].map(({ path, manager, why }) => ({
    ...{ path, why },
    lost: [
      ...said(host, facts, path, manager),
      ...dropIns(files, path, digest),
      ...(path === first?.path ? scripts(files) : []),
    ],
  }));
}

function stanzasElsewhere(
  files: ReadonlyMap<string, string>,
  foreign: ReturnType<typeof foreignManagers>,
): readonly string[] {
  return [...files]
    .filter(([path]) => /^\/etc\/network\/interfaces(\.d\/[^/]+)?$/.test(path))
    .filter(([path]) => !foreign.some((one) => one.path === path))
    .filter(([, text]) => /^\s*iface\s+(?!lo\s)/m.test(text))
    .map(([path]) => path);
}

function said(
  host: Host,
  facts: Seen,
  path: string,
  manager: ReturnType<typeof foreignManagers>[number]['manager'],
): readonly Loss[] {
  const read = facts.said?.get(path);
  if (read !== undefined) return lossesOf(host, facts.files.get(path) ?? '', read);
  const why = `hostcore does not read files of ${manager}: compare them with host.toml yourself`;
  return [{ line: undefined, text: 'whatever stands in it', why }];
}

/** systemd reads them with the file that they are named after, and with no other. */
function dropIns(
  files: ReadonlyMap<string, string>,
  path: string,
  digest: Digest,
): readonly Loss[] {
  return [...files].flatMap(([one, text]) =>
    path.startsWith('/etc/systemd/') &&
    one.startsWith(`${path}.d/`) &&
    ownership(text, digest) === 'foreign'
      ? [{ line: undefined, text: one, why: 'a drop-in of this file, which goes with it' }]
      : [],
  );
}

/** What packages put there looks for ifupdown by itself, and for what else there is. */
const packaged = new Set([
  ...['ethtool', 'bridge', 'vlan', 'ifenslave', 'wireless-tools', 'wpasupplicant', 'upstart'],
  ...['mountnfs', 'ntpdate', 'openssh-server', 'postfix', 'resolved', 'resolvconf', 'hostapd'],
  ...['avahi-daemon', 'avahi-autoipd', 'chrony', 'systemd-timesyncd', '000resolvconf', 'ip'],
  ...['bind9', 'unbound', 'ntp', 'ntpsec-ntpdate', 'dnsmasq', 'exim4', 'sendmail', 'samba'],
  ...['clamav-freshclam-ifupdown', 'dhcpcd', 'nfs-common', 'network-manager', 'ifmetric'],
]);

function scripts(files: ReadonlyMap<string, string>): readonly Loss[] {
  return [...files.keys()]
    .filter((path) => /^\/etc\/network\/if-(pre-up|up|down|post-down)\.d\//.test(path))
    .filter((path) => !packaged.has(path.replace(/^.*\//, '')))
    .map((path) => ({
      ...{ line: undefined, text: path },
      why: 'a script that ifupdown runs; it stays there, and nobody runs it any more',
    }));
}
