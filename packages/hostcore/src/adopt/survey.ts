import type { DeviceFact, Kernel } from '../domain/facts.js';
import { parseMac } from '../domain/mac-address.js';
import { masked } from '../domain/masked.js';
import { readNetworkdRa, readRadvd, type ReadAdvertisement } from './advertisement.js';
import { conclude, type Concluded } from './conclude.js';
import { takeLease } from './lease.js';
import { cardsOf, managerReaders } from './managers.js';
import { Devices, type Unread } from './reading.js';
import { readBind, readUnbound, type ReadResolver } from './resolver.js';
import { readExtras, readLibvirt, type ReadExtras, type ReadVm } from './system.js';
import { readTayga, sentOn, type ReadTranslator } from './translator.js';

/** Everything that was read of a host, and what could not be. */
export interface Survey {
  readonly manager: 'netplan' | 'networkd' | 'ifupdown' | undefined;
  readonly concluded: Concluded | undefined;
  readonly devices: Devices;
  readonly nat64: ReadTranslator | undefined;
  /** IPv4 addresses to which rules send port 53. */
  readonly sentOn: ReadonlySet<string>;
  readonly jool: boolean;
  readonly dns64: ReadResolver | undefined;
  readonly advertisements: readonly ReadAdvertisement[];
  readonly vms: readonly ReadVm[];
  readonly extras: ReadExtras;
  readonly unread: readonly Unread[];
}

export function survey(files: ReadonlyMap<string, string>, kernel: Kernel | undefined): Survey {
  const unread: Unread[] = [];
  const configured = readManagers(files, unread, kernel);
  const proxied = /^\s*proxy\s/m.test(files.get('/etc/ndppd.conf') ?? '');
  const read = configured.devices;
  const byFiles = conclude(read, proxied || [...read.all.values()].some((one) => one.proxied));
  const devices = byFiles === undefined ? fromKernel(kernel) : read;
  if (byFiles !== undefined) {
    const { mode, bridge, uplink } = byFiles;
    takeLease(mode === 'bridged' && bridge !== undefined ? bridge : uplink, kernel, unread);
  }
  const sent = advertisements(files, unread);
  const router = sent.find(({ announcing }) => !announcing);
  const concluded = conclude(devices, byFiles?.mode === 'on-link' || proxied, router);
  const at = (path: string): string | undefined => files.get(path);
  const tayga = at('/etc/tayga.conf');
  const bind = at('/etc/bind/named.conf.options');
  const unbound = [...files].filter(([path]) => path.startsWith('/etc/unbound/'));
  return {
    ...{ concluded, devices },
    manager: byFiles === undefined ? undefined : configured.manager,
    nat64: tayga === undefined ? undefined : readTayga('/etc/tayga.conf', tayga, unread),
    sentOn: sentOn(files),
    jool: files.has('/etc/jool/jool.conf'),
    dns64:
      (bind === undefined ? undefined : readBind('/etc/bind/named.conf.options', bind, unread)) ??
      readUnbound(unbound, unread),
    advertisements: sent,
    vms: [...files].flatMap(([path, text]) =>
      path.startsWith('/etc/libvirt/qemu/') ? readLibvirt(path, text, unread) : [],
    ),
    extras: readExtras(files, unread),
    unread: unread.map((one) => ({ ...one, text: masked(one.text) })),
  };
}

/** The first that configures a device with a way out is the one that is in charge. */
function readManagers(
  files: ReadonlyMap<string, string>,
  unread: Unread[],
  kernel: Kernel | undefined,
): { manager: Survey['manager']; devices: Devices } {
  const cards = cardsOf(kernel);
  const refused: Unread[] = [];
  for (const [manager, name, read] of managerReaders) {
    const devices = new Devices();
    const own: Unread[] = [];
    for (const [path, text] of files) if (name.test(path)) read(path, text, devices, own, cards);
    if (conclude(devices, false) === undefined) {
      refused.push(...own);
      continue;
    }
    unread.push(...own);
    return { manager, devices };
  }
  // Nobody's way out was understood: what was not may be why.
  unread.push(...refused);
  return { manager: undefined, devices: new Devices() };
}

function advertisements(
  files: ReadonlyMap<string, string>,
  unread: Unread[],
): readonly ReadAdvertisement[] {
  const radvd = files.get('/etc/radvd.conf');
  const own = [...files].flatMap(([path, text]) => {
    const dropIn = /^\/etc\/systemd\/network\/10-netplan-(.+)\.network\.d\/.+\.conf$/.exec(
      path,
    )?.[1];
    const named = path.endsWith('.network') ? /^Name=(\S+)/m.exec(text)?.[1] : undefined;
    const device = dropIn ?? named;
    return device === undefined || !path.startsWith('/etc/systemd/network/')
      ? []
      : readNetworkdRa(text, device);
  });
  return [...(radvd === undefined ? [] : readRadvd('/etc/radvd.conf', radvd, unread)), ...own];
}

/** Where no file says it (DHCP, a cloud's agent), the kernel has it. */
function fromKernel(kernel: Kernel | undefined): Devices {
  const devices = new Devices();
  for (const found of kernel?.devices ?? []) {
    if (found.name !== 'lo' && wanted(found)) takeDevice(devices, found);
  }
  for (const { device, to, via, kind, protocol } of kernel?.routes ?? []) {
    if (device === undefined || !devices.all.has(device)) continue;
    if (kind === 'unicast' && protocol !== 'kernel') devices.get(device).routes.push({ to, via });
  }
  return devices;
}

function wanted({ kind }: DeviceFact): boolean {
  return kind === undefined || ['bridge', 'veth', 'vlan', 'bond'].includes(kind);
}

function takeDevice(devices: Devices, found: DeviceFact): void {
  const device = devices.get(found.name);
  const mac = parseMac(found.mac ?? '');
  if (mac !== undefined) device.mac = mac;
  if (found.kind === 'bridge') device.kind = 'bridge';
  if (found.master !== undefined && !/^(vnet|tap|veth)/.test(found.name)) {
    devices.get(found.master).ports.push(found.name);
  }
  device.addresses.push(...found.addresses.filter(({ scope }) => scope === 'global'));
}
