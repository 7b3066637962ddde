import type { Host } from '../domain/host.js';
import { wantedSysctls } from '../domain/sysctls.js';
import { text, type Part } from './part.js';
import { proxyFiles } from './proxy.js';
import { raidFiles } from './raid.js';

/** What the kernel and the base system are told, beside addresses. */
export function systemFiles(host: Host): readonly Part[] {
  return [sysctl(host), ...modules(host), ...proxyFiles(host), ...extras(host), ...raidFiles(host)];
}

function sysctl(host: Host): Part {
  return {
    path: '/etc/sysctl.d/90-sixhub.conf',
    purpose: 'The host is a router, and believes no other one.',
    body: text(
      wantedSysctls(host).flatMap(({ key, value, why }) => [`# ${why}`, `${key} = ${value}`]),
    ),
    taker: { kind: 'sysctl' },
  };
}

function modules({ extras, nat64 }: Host): readonly Part[] {
  const names = [
    ...(extras.kvm ? ['vhost_net'] : []),
    ...(nat64?.engine === 'tayga' ? ['tun'] : []),
    ...(nat64?.engine === 'jool' ? ['jool'] : []),
  ];
  if (names.length === 0) return [];
  return [
    {
      path: '/etc/modules-load.d/sixhub.conf',
      purpose:
        "Kernel modules: vhost_net makes VMs' networking fast, the others are for the NAT64.",
      body: text(names),
      taker: { kind: 'modules' },
    },
  ];
}

function extras({ extras }: Host): readonly Part[] {
  return [
    ...(extras.tmpSize === undefined
      ? []
      : [
          {
            path: '/etc/fstab',
            purpose: '/tmp in memory.',
            kind: 'block' as const,
            already: new RegExp(`^[^#\\n]*\\s/tmp\\s+tmpfs\\s+\\S*size=${extras.tmpSize}`, 'mi'),
            instead: /^(?=[^#\n]*\s\/tmp\s)/gm,
            body: text([`tmpfs /tmp tmpfs size=${extras.tmpSize},mode=1777,nosuid,nodev 0 0`]),
            taker: { kind: 'mount' as const, target: '/tmp' },
          },
        ]),
  ];
}
