import { expect, test } from 'vitest';
import { kernelBack } from './kernel-back.js';
import type { DeviceState } from './kernel-state.js';
import { card, fresh } from '../../testing/sample-kernel.js';

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
