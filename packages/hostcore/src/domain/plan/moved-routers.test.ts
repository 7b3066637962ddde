import { expect, test } from 'vitest';
import type { DeviceFact, Facts } from '../facts.js';
import { movedRouters } from './moved-routers.js';
import { hostOf } from '../../testing/sample-host.js';

const device = (name: string, rest: Partial<DeviceFact> = {}): DeviceFact => ({
  ...{ name, mac: '00:24:21:21:ac:99', kind: undefined, master: undefined, up: true },
  addresses: [],
  ...rest,
});

function table(devices: readonly DeviceFact[]): string | undefined {
  const facts: Facts = {
    ...{ release: undefined, hostname: undefined, packages: undefined, files: new Map() },
    kernel: {
      ...{ devices, routes: [], sysctls: new Map(), proxied: new Set<string>() },
      ...{ listeners: [], session: undefined, rules: undefined },
    },
  };
  return movedRouters(hostOf(), facts).find(({ command }) => command.startsWith('nft '))?.command;
}

const vm = (name: string, master: string): DeviceFact => device(name, { kind: 'tun', master });

test('frames from the ports of the bridge that had the card are taken, and none of another bridge', () => {
  const there = (name: string): readonly DeviceFact[] => [
    ...[device('eno1', { master: name }), device(name, { kind: 'bridge' })],
    ...[device('virbr0', { kind: 'bridge' }), vm('vnet0', name), vm('vnet7', 'virbr0')],
    device('eth1', { master: name }),
  ];
  expect(table(there('br0'))).toContain('iifname { "vnet0", "eth1" } ether daddr @routers');
  // What is nobody's stays at the bridge that goes.
  expect(table(there('vmbr0'))).toContain('iifname { "vnet0" } ether daddr @routers');
});

test('without a VM there is nobody to be taken along, and a bond or a VRF is no bridge', () => {
  const card = device('eno1', { master: 'br0' });
  expect(table([card, device('br0', { kind: 'bridge' })])).toBeUndefined();
  for (const kind of ['bond', 'vrf']) {
    expect(table([card, device('br0', { kind }), vm('vnet0', 'br0')])).toBeUndefined();
  }
});
