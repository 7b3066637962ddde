import { expect, test } from 'vitest';
import { kernelBack } from './kernel-back.js';
import type { DeviceState, KernelState } from './kernel-state.js';

const card: DeviceState = {
  ...{ name: 'eno1', kind: undefined, mac: '00:24:21:21:ac:99', master: undefined, up: true },
  addresses: [
    { text: '2a01:4f8:1:3::2/64', family: 6, linkLocal: false, words: '' },
    { text: '45.67.90.10/32', family: 4, linkLocal: false, words: '' },
  ],
  options: '',
};
const bridge: DeviceState = {
  ...{ name: 'br0', kind: 'bridge', mac: '02:13:05:1c:f3:01', master: undefined, up: true },
  ...{ addresses: [], options: ' stp_state 0 forward_delay 0' },
};
const fresh: KernelState = {
  devices: [card],
  routes: [
    { family: 4, words: 'default via 45.67.90.1 dev eno1 proto static onlink' },
    { family: 6, words: 'default via fe80::1 dev eno1 proto static metric 1024 pref medium' },
  ],
  proxies: [],
  sysctls: { 'net/ipv4/ip_forward': '0' },
  tables: {},
};

test('VMs come back into a bridge that is made again; those that ended, or stand elsewhere by others, are left', () => {
  const before: KernelState = {
    ...fresh,
    devices: [card, bridge],
    ports: { vnet0: 'br0', vnet1: 'br0', vnet2: 'virbr0', vnet3: 'br0', vnet4: 'br0' },
  };
  const now: KernelState = {
    ...fresh,
    ports: { vnet0: '', vnet2: '', vnet3: 'br0', vnet4: 'virbr0' },
  };
  const commands = kernelBack(before, now);
  expect(commands.filter((one) => one.includes('vnet'))).toEqual([
    'ip link set dev vnet0 master br0',
  ]);
  expect(commands.findIndex((one) => one.startsWith('ip link add br0'))).toBe(0);
  expect(kernelBack(before, { ...before, ports: { vnet0: 'br0', vnet3: 'br0' } })).toEqual([]);
});

test('a VM that was started at the bridge that goes is at the one that comes back', () => {
  const old = { ...bridge, name: 'vmbr0' };
  const commands = kernelBack(
    { ...fresh, devices: [card, old] },
    { ...fresh, devices: [card, bridge], ports: { vnet7: 'br0' } },
  );
  expect(commands).toContain('ip link set dev vnet7 master vmbr0');
  expect(commands.indexOf('ip link del dev br0')).toBeGreaterThan(
    commands.indexOf('ip link set dev vnet7 master vmbr0'),
  );
});
