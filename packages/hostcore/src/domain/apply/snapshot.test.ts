import { expect, test } from 'vitest';
import type { KernelState } from './kernel-state.js';
import { earliest, type Snapshot } from './snapshot.js';

const nothing: KernelState = { devices: [], routes: [], proxies: [], sysctls: {}, tables: {} };
const snapshot = (devices: readonly string[], kernel: Partial<KernelState>): Snapshot => ({
  ...{ devices, files: [], madeDirectories: [], units: [] },
  kernel: { ...nothing, ...kernel },
});
const nowhere = { family: 6, words: 'unreachable 2a01:4f8:1::/56 dev lo proto static' } as const;
const route = (device: string) =>
  ({ family: 6, words: `default via fe80::1 dev ${device}` }) as const;

test('of two in a row, the earlier has the word on what both know, and the later on its own devices', () => {
  const first = snapshot(['eno1'], {
    routes: [route('eno1')],
    sysctls: { 'net/ipv4/ip_forward': '0' },
  });
  const later = snapshot(['eno1', 'eth1'], {
    routes: [route('eth1'), { family: 6, words: 'fd00::/8 dev eno1' }],
    sysctls: { 'net/ipv4/ip_forward': '1', 'net/ipv6/conf/eth1/accept_ra': '1' },
  });
  expect(earliest([first, later])).toMatchObject({
    devices: ['eno1', 'eth1'],
    kernel: {
      routes: [route('eno1'), route('eth1')],
      sysctls: { 'net/ipv4/ip_forward': '0', 'net/ipv6/conf/eth1/accept_ra': '1' },
    },
  });
});

test('a route that leads nowhere, and that the first apply made, goes with it', () => {
  const later = snapshot(['eno1', 'br0'], { routes: [nowhere] });
  expect(earliest([snapshot(['eno1', 'br0'], {}), later])?.kernel.routes).toEqual([]);
  expect(earliest([later, snapshot(['eno1', 'br0'], {})])?.kernel.routes).toEqual([nowhere]);
});
