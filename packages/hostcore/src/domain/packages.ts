import type { Host, Release } from './host.js';

export interface NeededPackage {
  readonly name: string;
  readonly why: string;
}

/** By release: Debian 12 and later have no qemu-kvm. */
const emulator: Readonly<Record<Release, string>> = {
  debian12: 'qemu-system-x86',
  debian13: 'qemu-system-x86',
  'ubuntu22.04': 'qemu-system-x86',
  'ubuntu24.04': 'qemu-system-x86',
};

export function neededPackages(host: Host): readonly NeededPackage[] {
  const { manager, nat64, dns64, ra, links, uplink, extras, release, inside } = host;
  const announces = links.some(({ announce }) => announce.length > 0);
  const radvd = ra?.engine === 'radvd' || (ra === undefined && announces);
  return [
    ...when(manager === 'netplan', 'netplan.io', 'the network'),
    ...when(inside.bridge || nat64 !== undefined, 'nftables', 'rules'),
    ...when(nat64?.engine === 'tayga', 'tayga', 'NAT64'),
    ...when(nat64?.engine === 'jool', 'jool-dkms', 'NAT64'),
    ...when(nat64?.engine === 'jool', 'jool-tools', 'NAT64'),
    ...when(dns64?.engine === 'bind', 'bind9', 'DNS64'),
    ...when(dns64?.engine === 'unbound', 'unbound', 'DNS64'),
    // The package's own configuration wants a trust anchor, which its unit takes from there; it is only recommended.
    ...when(dns64?.engine === 'unbound', 'dns-root-data', 'DNS64'),
    ...when(radvd, 'radvd', 'router advertisements'),
    ...when(uplink.mode === 'on-link' && uplink.proxy === 'ndppd', 'ndppd', 'neighbour discovery'),
    ...when(extras.kvm, emulator[release], 'KVM'),
    ...when(extras.kvm, 'libvirt-daemon-system', 'VMs'),
    ...when(extras.kvm, 'virtinst', 'virt-install'),
    ...when(extras.raidMail !== undefined, 'mdadm', 'RAID'),
  ];
}

export function dns64Unit({ dns64 }: Host): string {
  if (dns64 === undefined) return 'the relay to a VM';
  return dns64.engine === 'bind' ? 'BIND' : 'Unbound';
}

function when(needed: boolean, name: string, why: string): readonly NeededPackage[] {
  return needed ? [{ name, why }] : [];
}
