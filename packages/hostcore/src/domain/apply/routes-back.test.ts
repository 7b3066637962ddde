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

test('with the last IPv4 address of a device its routes go, and are made again', () => {
  const moved = { ...card, addresses: [{ ...card.addresses[1], text: '45.67.90.11/32' }] };
  const now = { ...fresh, devices: [moved as DeviceState] };
  expect(kernelBack(fresh, now)).toContain(
    'ip -4 route replace default via 45.67.90.1 dev eno1 proto static onlink',
  );
});

test('two IPv4 routes to the same place do not take each others', () => {
  const words = [
    'default via 45.67.90.1 dev eno1 onlink',
    'default via 45.67.90.1 dev eno1 proto static onlink',
  ];
  const [boot, fixed] = words.map((one) => ({ family: 4, words: one }) as const);
  if (boot === undefined || fixed === undefined) throw new Error('two routes');
  const both = { ...fresh, routes: [boot, fixed] };
  expect(kernelBack(both, { ...fresh, routes: [fixed] })).toEqual([
    `ip -4 route append ${boot.words}`,
  ]);
  expect(kernelBack(both, { ...fresh, routes: [boot] })).toEqual([
    `ip -4 route append ${fixed.words}`,
  ]);
  expect(kernelBack(both, { ...fresh, routes: [] })).toEqual([
    `ip -4 route replace ${boot.words}`,
    `ip -4 route append ${fixed.words}`,
  ]);
  expect(kernelBack({ ...fresh, routes: [boot] }, both)).toEqual([
    `ip -4 route del ${fixed.words}`,
  ]);
});
