import type { Kernel } from '../domain/facts.js';
import { isLinkLocal } from '../domain/ip-address.js';
import { formatInterfaced } from '../domain/ip-network.js';
import type { ReadDevice, Unread } from './reading.js';

/**
 * The IPv4 address that the card has by DHCP: the files only say that it asks for one, and a host.toml without it would take it
 * away. Read from the kernel where no file gives the device an IPv4 address and its way out is the device's.
 */
export function takeLease(device: ReadDevice, kernel: Kernel | undefined, unread: Unread[]): void {
  if (device.addresses.some(({ address }) => address.family === 4)) return;
  const found = kernel?.devices.find(({ name }) => name === device.name);
  const own = found?.addresses.find(
    ({ address, scope }) => address.family === 4 && scope === 'global' && !isLinkLocal(address),
  );
  const out = kernel?.routes.find(
    ({ device: name, to }) => name === device.name && to.family === 4 && to.length === 0,
  );
  if (own === undefined || out?.via === undefined) return;
  const { address, length } = own;
  device.addresses.push({ address, length });
  device.routes.push({ to: out.to, via: out.via });
  const why =
    'given by DHCP, and in no file; written as the fixed address of the host, which it must be for good';
  const text = `${device.name}: ${formatInterfaced(own)}`;
  unread.push({ path: 'the kernel', line: undefined, text, why, kept: true });
}
