import type { Host, Vm } from '../domain/host.js';
import { formatAddress } from '../domain/ip-address.js';
import { text, type Part } from './part.js';

/**
 * What stands on the other side: one directory a VM, to copy from. A guest needs none of it, unless it has an IPv4
 * address: it configures itself by the router advertisements.
 */
export function guestFiles(host: Host): readonly Part[] {
  return host.vms.flatMap((vm) => {
    const directory = `/etc/sixhub/guests/${vm.name}`;
    const part = (file: string, purpose: string, lines: readonly string[]): Part => ({
      ...{ path: `${directory}/${file}`, purpose, body: text(lines) },
      taker: { kind: 'none' },
    });
    return [
      {
        ...part('virt-install.sh', `Creates VM ${vm.name}, once.`, virtInstall(host, vm)),
        first: '#!/bin/sh',
        mode: 0o755,
      },
      {
        ...part(
          '60-sixhub.yaml',
          `For /etc/netplan/ in VM ${vm.name} (mode 600).`,
          netplan(host, vm),
        ),
        mode: 0o600,
      },
      part('10-sixhub.network', `For /etc/systemd/network/ in VM ${vm.name}.`, networkd(host, vm)),
      part(
        'hosts',
        `For /etc/hosts in VM ${vm.name}, instead of a line with 127.0.1.1.`,
        hosts(host, vm),
      ),
    ];
  });
}

function virtInstall({ inside }: Host, vm: Vm): readonly string[] {
  const source = vm.iso === undefined ? '--import' : `--cdrom ${vm.iso}`;
  return [
    `# Its address will be ${formatAddress(vm.address)} (SLAAC, from the MAC address).`,
    ...(vm.iso === undefined
      ? ['# Boots from its disk; to install from an image, name it in host.toml: iso = "/…".']
      : []),
    'exec virt-install \\',
    `  --name ${vm.name} \\`,
    `  --memory ${vm.memory} --vcpus ${vm.cpus} --cpu host-passthrough \\`,
    `  --disk path=/var/lib/libvirt/images/${vm.name}.qcow2,size=${vm.disk},format=qcow2,bus=virtio \\`,
    `  --network bridge=${inside.device},model=virtio,mac=${vm.mac} \\`,
    `  ${source} --osinfo detect=on,require=off \\`,
    '  --graphics vnc --autostart --noautoconsole "$@"',
  ];
}

function netplan({ ipv4 }: Host, vm: Vm): readonly string[] {
  return [
    'network:',
    '  version: 2',
    '  renderer: networkd',
    '  ethernets:',
    '    uplink:',
    '      match:',
    `        macaddress: "${vm.mac}"`,
    '      dhcp4: false',
    '      dhcp6: false',
    '      accept-ra: true',
    '      ipv6-privacy: false',
    ...(vm.ipv4 === undefined || ipv4 === undefined
      ? []
      : [
          `      addresses: ["${formatAddress(vm.ipv4)}/32"]`,
          '      routes:',
          "        # The host, not the provider's router: nothing else answers for this address.",
          '        - to: "0.0.0.0/0"',
          `          via: "${formatAddress(ipv4.address.address)}"`,
          '          on-link: true',
        ]),
  ];
}

function networkd({ ipv4 }: Host, vm: Vm): readonly string[] {
  return [
    '[Match]',
    `MACAddress=${vm.mac}`,
    '',
    '[Network]',
    'DHCP=no',
    'IPv6AcceptRA=yes',
    'IPv6PrivacyExtensions=no',
    ...(vm.ipv4 === undefined || ipv4 === undefined
      ? []
      : [
          `Address=${formatAddress(vm.ipv4)}/32`,
          '',
          "# The host, not the provider's router: nothing else answers for this address.",
          '[Route]',
          `Gateway=${formatAddress(ipv4.address.address)}`,
          'GatewayOnLink=yes',
        ]),
  ];
}

function hosts({ domain }: Host, vm: Vm): readonly string[] {
  const names = domain === undefined ? vm.name : `${vm.name}.${domain} ${vm.name}`;
  return [
    ...(vm.ipv4 === undefined ? [] : [`${formatAddress(vm.ipv4)} ${names}`]),
    `${formatAddress(vm.address)} ${names}`,
  ];
}
