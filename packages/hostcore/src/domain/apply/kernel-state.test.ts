import { expect, test } from 'vitest';
import { kernelBack, tablesBack, type DeviceState, type KernelState } from './kernel-state.js';

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

test('with the last IPv4 address of a device its routes go, and are made again', () => {
  const moved = { ...card, addresses: [{ ...card.addresses[1], text: '45.67.90.11/32' }] };
  const now = { ...fresh, devices: [moved as DeviceState] };
  expect(kernelBack(fresh, now)).toContain(
    'ip -4 route replace default via 45.67.90.1 dev eno1 proto static onlink',
  );
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
