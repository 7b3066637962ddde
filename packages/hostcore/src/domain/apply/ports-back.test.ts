import { describe, expect, test } from 'vitest';
import { kernelBack } from './kernel-back.js';
import type { KernelState } from './kernel-state.js';
import { bridge, card, fresh } from '../../testing/sample-kernel.js';

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

describe('with two bridges before, a VM that was started meanwhile is', () => {
  const other = { ...bridge, name: 'br1' };
  const old = { ...bridge, name: 'vmbr0' };
  const second = { ...card, name: 'eno2', master: 'br1' };
  const before: KernelState = {
    ...fresh,
    devices: [{ ...card, master: 'vmbr0' }, second, old, other],
    ports: { vnet0: 'vmbr0', vnet1: 'br1', vnet2: 'virbr0' },
  };
  const now: KernelState = {
    ...before,
    devices: [card, second, other, bridge],
    ports: { vnet1: 'br1', vnet7: 'br0' },
  };
  const moved = (was: KernelState, is: KernelState): readonly string[] =>
    kernelBack(was, is).filter((one) => one.includes('vnet'));

  test('where the other VMs at the bridge that goes came from', () => {
    const more = { ...now, ports: { vnet0: 'br0', vnet1: 'br1', vnet7: 'br0' } };
    expect(moved(before, more)).toEqual([
      'ip link set dev vnet0 master vmbr0',
      'ip link set dev vnet7 master vmbr0',
    ]);
    // VMs of both were moved, and no other sign tells them apart but the card's.
    const both = {
      ...more,
      devices: [...more.devices, old],
      ports: { vnet0: 'br0', vnet1: 'br0' },
    };
    expect(moved(before, { ...both, ports: { ...both.ports, vnet7: 'br0' } })).toEqual([
      'ip link set dev vnet0 master vmbr0',
      'ip link set dev vnet1 master br1',
      'ip link set dev vnet7 master vmbr0',
    ]);
  });

  test("at the one that the host's own packets took, or that is gone, or that a card has left", () => {
    const home = ['ip link set dev vnet7 master vmbr0'];
    const routed = { ...before, routes: [{ family: 6, words: 'default via fe80::1 dev vmbr0' }] };
    const neither = { ...now, devices: [card, { ...second, master: undefined }, bridge] };
    expect(moved(routed as KernelState, neither)).toEqual(home);
    expect(moved(before, now)).toEqual(home);
    expect(moved(before, { ...now, devices: [...now.devices, old] })).toEqual(home);
    // Nothing tells: better at none than at the wrong one.
    expect(moved(before, neither)).toEqual([]);
  });

  test('the same if a VM of another network had its name before', () => {
    const named = { ...now, ports: { vnet2: 'br0' } };
    expect(moved(before, named)).toEqual(['ip link set dev vnet2 master vmbr0']);
  });
});
