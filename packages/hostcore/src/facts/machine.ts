import { readFileSync, statSync } from 'node:fs';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { hostname } from 'node:os';
import { usageError } from '@sixhub/base';

/** Files of the host, below `root`, by their path on the host. */
export interface Machine {
  readonly release: string | undefined;
  readonly hostname: string | undefined;
  readonly packages: ReadonlyMap<string, string> | undefined;
  readonly files: ReadonlyMap<string, string>;
  readonly masked: ReadonlySet<string>;
  readonly modes: ReadonlyMap<string, number>;
  /** Paths that are there and could not be read, with the reason. */
  readonly unreadable: readonly string[];
}

/** Where others configure what is ours to configure, or what was before us. */
const directories = [
  ['/etc/netplan', /\.yaml$/],
  ['/etc/systemd/network', /\.(network|netdev|link)$/],
  ['/etc/network/interfaces.d', /^[a-zA-Z0-9_-]+$/],
  ...['pre-up', 'up', 'down', 'post-down'].map(
    (when) => [`/etc/network/if-${when}.d`, /^[a-zA-Z0-9_-]+$/] as const,
  ),
  ['/etc/NetworkManager/system-connections', /\.nmconnection$/],
  ['/etc/sysctl.d', /\.conf$/],
  ['/etc/libvirt/qemu', /\.xml$/],
  ['/etc/unbound/unbound.conf.d', /\.conf$/],
  ['/etc/bind', /^named\.conf|\.conf$/],
  ['/etc/modules-load.d', /\.conf$/],
] as const;

const single = [
  ...['/etc/network/interfaces', '/etc/rc.local', '/etc/tayga.conf', '/etc/default/tayga'],
  ...['/etc/radvd.conf', '/etc/ndppd.conf', '/etc/sysctl.conf', '/etc/fstab', '/etc/modules'],
  ...['/etc/bind/named.conf', '/etc/bind/named.conf.options', '/etc/unbound/unbound.conf'],
  ...['/etc/group', '/etc/mdadm/mdadm.conf', '/etc/jool/jool.conf', '/etc/resolv.conf'],
  ...['/etc/systemd/system/sixhub-tayga.service', '/etc/systemd/system/sixhub-nftables.service'],
  ...['/etc/systemd/system/sixhub-ndppd.service', '/etc/netplan/90-sixhub.yaml'],
  ...['/etc/sixhub/nftables.nft'],
  '/etc/NetworkManager/NetworkManager.conf',
  '/etc/cloud/cloud.cfg',
  // By hand, where Debian has a System V script alone.
  ...['/etc/systemd/system/tayga.service', '/etc/systemd/system/ndppd.service'],
  ...['/etc/hostname', '/etc/hosts', '/etc/nftables.conf', '/etc/iptables/rules.v4'],
];

export async function readMachine(root: string, further: readonly string[]): Promise<Machine> {
  if (statSync(root, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw usageError(`there is no directory ${root}`, 'Name the root of the files with --root.');
  }
  const files = new Map<string, string>();
  const modes = new Map<string, number>();
  const unreadable: string[] = [];
  // A thousand small files: one after the other is faster than to ask for all at once.
  const read = (path: string): void => {
    const place = join(root, path);
    try {
      const found = statSync(place, { throwIfNoEntry: false });
      if (found?.isFile() !== true) return;
      modes.set(path, found.mode & 0o777);
      files.set(path, readFileSync(place, 'utf8'));
    } catch {
      unreadable.push(path);
    }
  };
  const listed = await Promise.all([
    ...directories.map(([path, name]) => listing(root, path, name)),
    nested(root, '/etc/systemd/network', /\.network\.d$/, /\.conf$/),
    nested(root, '/etc/sixhub/guests', /./, /./),
  ]);
  const all = new Set([...single, ...listed.flat(), ...further]);
  for (const path of [...all].sort()) read(path);
  const [packages, release, masked] = await Promise.all([
    readPackages(root),
    readRelease(root),
    readMasked(root, ['tayga.service', 'ndppd.service']),
  ]);
  const own = files.get('/etc/hostname')?.trim().split('.')[0];
  return {
    ...{ release, packages, masked, files: sorted(files), modes, unreadable },
    hostname: own ?? (root === '/' ? hostname().split('.')[0] : undefined),
  };
}

/** As `systemctl mask` leaves them: a link to /dev/null. */
async function readMasked(root: string, units: readonly string[]): Promise<ReadonlySet<string>> {
  const targets = await Promise.all(
    units.map((unit) => readlink(join(root, '/etc/systemd/system', unit)).catch(() => undefined)), // no link, or none at all
  );
  return new Set(units.filter((_, index) => targets[index] === '/dev/null'));
}

function sorted(files: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return new Map([...files].sort(([one], [other]) => (one < other ? -1 : 1)));
}

async function listing(root: string, path: string, name: RegExp): Promise<readonly string[]> {
  const names = await readdir(join(root, path)).catch(() => []); // a manager that is not installed
  return names.filter((one) => name.test(one)).map((one) => `${path}/${one}`);
}

/** The files of directories in a directory. */
async function nested(
  root: string,
  path: string,
  directory: RegExp,
  name: RegExp,
): Promise<readonly string[]> {
  const inner = await listing(root, path, directory);
  return (await Promise.all(inner.map((one) => listing(root, one, name)))).flat();
}

async function readRelease(root: string): Promise<string | undefined> {
  const text = await readFile(join(root, '/etc/os-release'), 'utf8').catch(() => '');
  const value = (key: string): string | undefined =>
    new RegExp(`^${key}="?([^"\n]*)"?$`, 'm').exec(text)?.[1];
  const [id, version] = [value('ID'), value('VERSION_ID')];
  return id === undefined || version === undefined ? undefined : `${id} ${version}`;
}

/** dpkg's own list: what `dpkg-query` would print, without starting it. */
async function readPackages(root: string): Promise<ReadonlyMap<string, string> | undefined> {
  const text = await readFile(join(root, '/var/lib/dpkg/status'), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const found = new Map<string, string>();
  for (const paragraph of text.split('\n\n')) {
    if (!paragraph.includes('\nStatus: install ok installed')) continue;
    const name = /^Package: (.+)$/m.exec(paragraph)?.[1];
    const version = /^Version: (.+)$/m.exec(paragraph)?.[1];
    if (name !== undefined && version !== undefined) found.set(name, version);
  }
  return found;
}
