import { describe, expect, test } from 'vitest';
import { readSaid } from '../../adopt/managers.js';
import { sha256 } from '../../config/read-estate.js';
import type { DeviceFact, Facts } from '../facts.js';
import type { Host } from '../host.js';
import { parseInterfaced } from '../ip-network.js';
import { lint } from '../lint.js';
import { bridgeLints } from '../lints/bridges.js';
import { planKernel } from './kernel.js';
import { setAside } from './set-aside.js';
import { hostOf } from '../../testing/sample-host.js';

const toml = `[host.merlin]
release = "debian12"
uplink = {device = "eno1", mac = "00:24:21:21:ac:99"}
ipv6 = {network = "2a01:4f8:1:3::/64", address = "2a01:4f8:1:3::17"}
ipv4 = {address = "45.67.90.10", gateway = "45.67.90.1"}
extras.kvm = false
`;
const host = (): Host => hostOf(toml);

const device = (name: string, rest: Partial<DeviceFact> = {}): DeviceFact => ({
  ...{ name, mac: '00:24:21:21:ac:99', kind: undefined, master: undefined, up: true },
  addresses: [],
  ...rest,
});

function peered(text: string, peer: string): DeviceFact['addresses'][number] {
  const [parsed, other] = [
    parseInterfaced(text),
    parseInterfaced(`${peer}/${peer.includes(':') ? 128 : 32}`),
  ];
  if (parsed === undefined || other === undefined) throw new Error(text);
  return { ...parsed, peer: other.address, scope: 'global', dynamic: false, duplicate: false };
}

const bridge = device('vmbr0', {
  kind: 'bridge',
  addresses: [peered('45.67.90.10/32', '45.67.91.7')],
});
const card = device('eno1', { master: 'vmbr0' });
const vm = device('vnet0', { kind: 'tun', master: 'vmbr0' });
const files = new Map([
  ['/etc/systemd/network/10-a.network', '[Match]\nName=eno1\n[Network]\nBridge=vmbr0\n'],
  ['/etc/systemd/network/11-b.netdev', '[NetDev]\nName=vmbr0\nKind=bridge\n'],
]);

function facts(devices: readonly DeviceFact[], said = files): Facts {
  return {
    ...{ release: undefined, hostname: undefined, packages: undefined, files: said },
    said: readSaid(said, undefined),
    kernel: {
      ...{ devices, routes: [], sysctls: new Map(), proxied: new Set<string>() },
      ...{ listeners: [], session: undefined, rules: undefined },
    },
  };
}

const commands = (seen: Facts): readonly string[] =>
  planKernel(host(), seen)
    .map(({ command }) => command)
    .filter((command) => /^ip .*(vnet0|vmbr0|eth1)/.test(command));

test('VMs go to the new bridge, its point-to-point address goes, and then it goes itself', () => {
  expect(commands(facts([card, bridge, vm]))).toEqual([
    'ip link set dev vnet0 master br0',
    'ip address del 45.67.90.10 peer 45.67.91.7/32 dev vmbr0',
    'ip link del dev vmbr0',
  ]);
  expect(setAside(host(), facts([]), sha256).map(({ path }) => path)).toEqual([...files.keys()]);
});

test("one with a port that is nobody's stays, as does one of which no file that goes speaks", () => {
  const other = device('eth1', { master: 'vmbr0' });
  expect(commands(facts([card, bridge, vm, other]))).not.toContain('ip link del dev vmbr0');
  expect(commands(facts([card, bridge, vm], new Map()))).toEqual([
    'ip link set dev vnet0 master br0',
    'ip address del 45.67.90.10 peer 45.67.91.7/32 dev vmbr0',
  ]);
});

test("a card of a VM's kind is none", () => {
  const veth = { ...card, kind: 'veth' };
  expect(commands(facts([veth, bridge, vm]))).toEqual(commands(facts([card, bridge, vm])));
  expect(planKernel(host(), facts([veth, bridge, vm])).map(({ command }) => command)).not.toContain(
    'ip link set dev eno1 master br0',
  );
});

test("a bridge that has no card of ours is somebody else's", () => {
  const own = device('virbr0', { kind: 'bridge', addresses: bridge.addresses });
  expect(commands(facts([device('eno1'), own, { ...vm, master: 'virbr0' }]))).toEqual([]);
});

describe('a bridge of VMs behind another card', () => {
  const linked = `${toml}link.eno2 = {}\n`;
  const ported = `${toml}inside.ports = ["eno2"]\n`;
  const second = device('eno2', { master: 'br1' });
  const private1 = device('br1', {
    kind: 'bridge',
    addresses: [peered('10.1.0.1/24', '10.1.0.1')],
  });
  const guest = device('vnet5', { kind: 'tun', master: 'br1' });
  const own = new Map([
    ['/etc/systemd/network/20-c.network', '[Match]\nName=eno2\n[Network]\nBridge=br1\n'],
    ['/etc/systemd/network/21-d.netdev', '[NetDev]\nName=br1\nKind=bridge\n'],
  ]);
  const of = (text: string, seen: Facts): readonly string[] =>
    planKernel(hostOf(text), seen)
      .map(({ command }) => command)
      .filter((command) => /^ip .*(vnet|br1|vmbr0)/.test(command));

  test.each([linked, ported])(
    'keeps them, its addresses and its file, and lint says so: %#',
    (text) => {
      const seen = facts([card, bridge, vm, second, private1, guest], new Map([...files, ...own]));
      expect(of(text, seen)).toEqual([
        'ip link set dev vnet0 master br0',
        'ip address del 45.67.90.10 peer 45.67.91.7/32 dev vmbr0',
        'ip link del dev vmbr0',
      ]);
      const aside = setAside(hostOf(text), seen, sha256).map(({ path }) => path);
      expect(aside).not.toContain('/etc/systemd/network/21-d.netdev');
      const [found, ...more] = lint(bridgeLints, hostOf(text), seen);
      expect(more).toEqual([]);
      expect(found).toMatchObject({ id: 'card-of-other-bridge', severity: 'error' });
      expect(found?.fact).toMatch(
        /^eno2 is a port of br1, like the VM's vnet5, and host\.toml has it as /,
      );
    },
  );

  test('goes when no VM is in it', () => {
    const seen = facts([card, bridge, second, private1], new Map([...files, ...own]));
    expect(of(linked, seen)).toContain('ip link del dev br1');
    expect(lint(bridgeLints, hostOf(linked), seen)).toEqual([]);
  });

  test("is the host's if it has the host's address, whatever card is in it", () => {
    const inner = { ...private1, addresses: [peered('2a01:4f8:1:3::17/64', '2a01:4f8:1:3::17')] };
    const seen = facts([device('eno1'), second, inner, guest], own);
    expect(of(ported, seen)).toEqual([
      'ip link set dev vnet5 master br0',
      expect.stringMatching(/^ip address del 2a01:4f8:1:3::17/),
      'ip link del dev br1',
    ]);
    expect(lint(bridgeLints, hostOf(ported), seen)).toEqual([]);
  });
});
