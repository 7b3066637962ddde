import { expect, test } from 'vitest';
import { kernelBack, tablesBack } from './kernel-back.js';
import type { KernelState } from './kernel-state.js';
import { bridge, card, fresh } from '../../testing/sample-kernel.js';

test('where all is as it was there is nothing to do', () => {
  expect(kernelBack(fresh, fresh)).toEqual([]);
  expect(tablesBack(fresh, fresh)).toBeUndefined();
});

test('a card that went into a bridge comes out, with its addresses, and the bridge goes first', () => {
  const bridged: KernelState = {
    ...fresh,
    devices: [
      { ...card, master: 'br0', addresses: [] },
      { ...bridge, addresses: card.addresses },
    ],
    routes: [{ family: 4, words: 'default via 45.67.90.1 dev br0 onlink' }],
    sysctls: { 'net/ipv4/ip_forward': '1' },
  };
  expect(kernelBack(fresh, bridged)).toEqual([
    'sysctl -q -w net/ipv4/ip_forward=0',
    'ip link del dev br0',
    'ip link set dev eno1 nomaster',
    'ip address replace 2a01:4f8:1:3::2/64 dev eno1 nodad',
    'ip address replace 45.67.90.10/32 dev eno1',
    'ip -4 route replace default via 45.67.90.1 dev eno1 proto static onlink',
    'ip -6 route replace default via fe80::1 dev eno1 proto static metric 1024 pref medium',
  ]);
  // And the other way round, as a rollback of an apply that is in force has it.
  expect(kernelBack(bridged, fresh).slice(0, 3)).toEqual([
    'ip link add br0 address 02:13:05:1c:f3:01 type bridge stp_state 0 forward_delay 0',
    'ip link set dev br0 up',
    'sysctl -q -w net/ipv4/ip_forward=1',
  ]);
});

test('an address with another end is another one, and comes back with it', () => {
  const peer = {
    text: '45.67.90.10 peer 45.67.90.1/32',
    family: 4,
    linkLocal: false,
    words: '',
  } as const;
  const before = { ...fresh, devices: [{ ...card, addresses: [peer] }] };
  const now = { ...fresh, devices: [{ ...card, addresses: card.addresses.slice(1) }] };
  expect(kernelBack(before, now)).toEqual([
    'ip address del 45.67.90.10/32 dev eno1',
    'ip address replace 45.67.90.10 peer 45.67.90.1/32 dev eno1',
    'ip -4 route replace default via 45.67.90.1 dev eno1 proto static onlink',
  ]);
});

test('a card that somebody plugged in stays, and so do link-local addresses', () => {
  const own = { text: 'fe80::1/64', family: 6, linkLocal: true, words: '' } as const;
  const now: KernelState = {
    ...fresh,
    devices: [
      { ...card, addresses: [...card.addresses, own] },
      { ...card, name: 'eth1' },
    ],
  };
  expect(kernelBack(fresh, now)).toEqual([]);
});

test('our tables come back in one transaction, and those that were not there go', () => {
  const before = { ...fresh, tables: { 'ip sixhub_nat': 'table ip sixhub_nat {\n}\n' } };
  const now = { ...fresh, tables: { 'bridge sixhub_guard': 'table bridge sixhub_guard {\n}\n' } };
  const text = tablesBack(before, now) ?? '';
  expect(text).toContain('delete table bridge sixhub_guard');
  expect(text.trimEnd()).toMatch(/delete table ip sixhub_nat\ntable ip sixhub_nat \{\n\}/);
});

test('a rule of ebtables comes back where it stood, before the card is in the bridge; one that came goes', () => {
  const rule = {
    rule: '-j snat --to-src 00:24:21:21:ac:99',
    add: 'ebtables-nft -t nat -I POSTROUTING 2 -j snat --to-src 00:24:21:21:ac:99',
    remove: 'ebtables-nft -t nat -D POSTROUTING -j snat --to-src 00:24:21:21:ac:99',
  };
  const guided: KernelState = {
    ...fresh,
    devices: [{ ...card, master: 'br0' }, bridge],
    rewriting: [{ ...rule, out: undefined }],
  };
  const moved: KernelState = { ...fresh, devices: [card, bridge], rewriting: [] };
  expect(kernelBack(guided, moved)).toEqual([rule.add, 'ip link set dev eno1 master br0']);
  expect(kernelBack(moved, guided)).toEqual(['ip link set dev eno1 nomaster', rule.remove]);
  // A snapshot of before that was looked after.
  expect(kernelBack({ ...fresh, devices: guided.devices }, guided)).toEqual([]);
});

test('a card is out of the bridge before that has its old MAC address, and in it after', () => {
  const inside = {
    ...fresh,
    devices: [
      { ...card, master: 'br0' },
      { ...bridge, mac: card.mac },
    ],
  };
  const outside = { ...fresh, devices: [card, bridge] };
  const own = `ip link set dev br0 address ${bridge.mac}`;
  expect(kernelBack(outside, inside)).toEqual([
    'ip link set dev eno1 nomaster',
    'sysctl -q -w net/ipv6/conf/br0/ndisc_notify=1',
    own,
  ]);
  expect(kernelBack(inside, outside).at(-1)).toBe('ip link set dev eno1 master br0');
});

test("a tun device that came meanwhile is taken away if it is the NAT64's alone", () => {
  const tun = { ...bridge, kind: 'tun', options: '' };
  const now = { ...fresh, devices: [card, { ...tun, name: 'nat64' }, { ...tun, name: 'vnet0' }] };
  expect(kernelBack(fresh, now)).toEqual(['ip link del dev nat64']);
});
