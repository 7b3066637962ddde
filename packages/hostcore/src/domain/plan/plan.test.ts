import { describe, expect, test } from 'vitest';
import { sha256 } from '../../config/read-estate.js';
import { render } from '../../render/render.js';
import type { AddressFact, DeviceFact, Facts, Kernel, RouteFact } from '../facts.js';
import type { Host } from '../host.js';
import { parseAddress, type IpAddress } from '../ip-address.js';
import { network, parseInterfaced } from '../ip-network.js';
import { wantedSysctls } from '../sysctls.js';
import { isEmpty, makePlan, type Plan } from './plan.js';
import { hostOf, sampleToml } from '../../testing/sample-host.js';

const toml = `${sampleToml}ra = {}\n`;

function host(text = toml): Host {
  return hostOf(text);
}

function address(text: string): AddressFact {
  const parsed = parseInterfaced(text);
  if (parsed === undefined) throw new Error(text);
  return { ...parsed, scope: 'global', dynamic: false, duplicate: false };
}

function ip(text: string): IpAddress {
  const parsed = parseAddress(text);
  if (parsed === undefined) throw new Error(text);
  return parsed;
}

function device(
  name: string,
  addresses: readonly string[],
  rest: Partial<DeviceFact> = {},
): DeviceFact {
  return {
    ...{ name, mac: '00:24:21:21:ac:99', kind: undefined, master: undefined, up: true },
    addresses: addresses.map(address),
    ...rest,
  };
}

function route(to: string, via: string | undefined, name: string): RouteFact {
  const known = via === undefined ? undefined : ip(via);
  return { to: network(to), via: known, device: name, kind: 'unicast', protocol: 'static' };
}

/** As host.toml has it. */
const settled: Kernel = {
  devices: [
    device('eno1', ['2a01:4f8:1:3:abcd::17/128', '45.67.90.10/32']),
    device('br0', ['2a01:4f8:1:3:abcd::17/64'], { kind: 'bridge', mac: host().inside.mac }),
  ],
  routes: [route('::/0', 'fe80::1', 'eno1'), route('0.0.0.0/0', '45.67.90.1', 'eno1')],
  sysctls: new Map(wantedSysctls(host()).map(({ key, value }) => [key, value])),
  ...{ rules: undefined, listeners: [], session: undefined, proxied: new Set<string>() },
};

/** As the guide leaves it: the card in the bridge, everything on the bridge. */
const guided: Kernel = {
  ...settled,
  devices: [
    device('eno1', [], { master: 'br0' }),
    device('br0', ['2a01:4f8:1:3:abcd::17/64', '45.67.90.10/32'], { kind: 'bridge' }),
    device('vnet0', [], { kind: 'tun', master: 'br0' }),
  ],
  routes: [route('::/0', 'fe80::1', 'br0'), route('0.0.0.0/0', '45.67.90.1', 'br0')],
};

function plan(kernel: Kernel, changed: ReadonlyMap<string, string | undefined> = new Map()): Plan {
  const rendered = render(host(), 'host.toml', sha256);
  const files = new Map(rendered.map(({ path, text }) => [path, text]));
  for (const [path, text] of changed) {
    if (text === undefined) files.delete(path);
    else files.set(path, text);
  }
  const facts: Facts = {
    release: undefined,
    hostname: undefined,
    packages: undefined,
    files,
    kernel,
  };
  return makePlan(host(), rendered, facts, sha256);
}

test('a host that is as described needs nothing', () => {
  expect(isEmpty(plan(settled))).toBe(true);
  expect(plan(settled).session).toEqual({ kind: 'none' });
});

describe('files', () => {
  const radvd =
    render(host(), 'host.toml', sha256).find(({ path }) => path === '/etc/radvd.conf')?.text ?? '';

  test('one that is missing is made, and its daemon told', () => {
    const made = plan(settled, new Map([['/etc/radvd.conf', undefined]]));
    expect(made.files).toMatchObject([
      { path: '/etc/radvd.conf', action: 'create', edited: false },
    ]);
    expect(made.services.map(({ command }) => command)).toEqual([
      'systemctl reload-or-restart radvd.service',
    ]);
  });

  test('an edit by hand is shown with what would be lost', () => {
    const edited = radvd.replace('AdvManagedFlag off', 'AdvManagedFlag on');
    const [file] = plan(settled, new Map([['/etc/radvd.conf', edited]])).files;
    expect(file).toMatchObject({ action: 'change', edited: true });
    expect(file?.diff).toContain('-  AdvManagedFlag on;');
    expect(file?.diff).toContain('+  AdvManagedFlag off;');
  });

  test('a line that was only added is an edit, too', () => {
    const [file] = plan(settled, new Map([['/etc/radvd.conf', `${radvd}# mine\n`]])).files;
    expect(file).toMatchObject({ edited: true });
  });

  test.each([
    ['the sum', (text: string) => text.replace(/^# hostcore sum .*\n/m, '')],
    ['all our lines', (text: string) => text.replaceAll(/^#.*\n/gm, '')],
  ])('one of ours without %s is an edited one, and is never set aside', (_, edit) => {
    const path = '/etc/systemd/network/05-sixhub-eno1.network';
    const text = render(host(), 'host.toml', sha256).find((one) => one.path === path)?.text ?? '';
    const { files } = plan(settled, new Map([[path, `${edit(text)}MTUBytes=9000\n`]]));
    expect(files).toMatchObject([{ path, action: 'change', edited: true }]);
    expect(files[0]?.diff).toContain('-MTUBytes=9000');
  });

  test("somebody else's is replaced, and another manager's set aside", () => {
    const { files } = plan(
      settled,
      new Map([
        ['/etc/radvd.conf', 'interface br0 { AdvSendAdvert on; };\n'],
        ['/etc/network/interfaces', 'auto eno1\niface eno1 inet dhcp\n'],
        [
          '/etc/rc.local',
          '#!/bin/sh\nebtables -t nat -A POSTROUTING -j snat --to-src 00:24:21:21:ac:99\nexit 0\n',
        ],
      ]),
    );
    expect(files.map(({ path, action }) => [path, action])).toEqual([
      ['/etc/radvd.conf', 'replace'],
      ['/etc/network/interfaces', 'set-aside'],
      ['/etc/rc.local', 'change'],
    ]);
  });

  test('where ifupdown had the network, networkd is started before it is told of its files', () => {
    const { services } = plan(
      settled,
      new Map([
        ['/etc/network/interfaces', 'auto eno1\niface eno1 inet dhcp\n'],
        ['/etc/systemd/network/05-sixhub-eno1.network', undefined],
      ]),
    );
    expect(services[0]?.what).toContain('under ifupdown it did neither');
    expect(services.map(({ command }) => command)).toEqual([
      'systemctl enable --now systemd-networkd',
      'networkctl reload',
      'systemctl disable networking',
    ]);
  });

  test('where networkd had it already, ifupdown is not spoken of', () => {
    const there = new Map([['/etc/systemd/network/05-sixhub-eno1.network', undefined]]);
    const { services } = plan(settled, there);
    expect(services.map(({ what }) => what).join()).not.toContain('ifupdown');
  });

  test('what was rendered once and is not any more is removed', () => {
    const old = render(
      host(
        toml
          .replace('ra = {}', 'uplink.mode = "on-link"')
          .replace(
            'uplink = {device = "eno1", mac = "00:24:21:21:ac:99"}',
            'uplink.device = "eno1"',
          ),
      ),
      'host.toml',
      sha256,
    );
    const ndppd = old.find(({ path }) => path === '/etc/ndppd.conf')?.text ?? '';
    const { files } = plan(settled, new Map([['/etc/ndppd.conf', ndppd]]));
    expect(files).toMatchObject([{ path: '/etc/ndppd.conf', action: 'remove' }]);
  });
});

describe('the kernel', () => {
  test('from the guide to routed: the card leaves the bridge, addresses and routes follow', () => {
    const { kernel } = plan(guided);
    expect(kernel.map(({ action, kind, command }) => `${action} ${kind}: ${command}`)).toEqual([
      expect.stringMatching(
        /^add proxy: nft 'add table bridge sixhub_moved .* 00:24:21:21:ac:99 timeout 10m .* iifname \{ "vnet0" \}/,
      ),
      'add proxy: ip neigh add proxy 45.67.90.1 dev br0',
      'add address: ip address replace fe80::224:21ff:fe21:ac99/64 dev eno1 nodad',
      'set link: ip link set dev eno1 nomaster',
      'set sysctl: sysctl -w net/ipv6/conf/br0/ndisc_notify=1',
      `set link: ip link set dev br0 address ${host().inside.mac}`,
      'remove route: ip -6 route del default via fe80::1 dev br0',
      'remove route: ip -4 route del default via 45.67.90.1 dev br0',
      'remove address: ip address del 45.67.90.10/32 dev br0',
      'add address: ip address add 2a01:4f8:1:3:abcd::17/128 dev eno1 nodad',
      'add address: ip address add 45.67.90.10/32 dev eno1',
      'add route: ip -6 route replace default via fe80::1 dev eno1 onlink',
      'add route: ip -4 route replace default via 45.67.90.1 dev eno1 onlink',
    ]);
    for (const { why } of kernel) expect(why).not.toBe('');
  });

  test('a setting, an address by advertisement, a bridge that is down', () => {
    const dynamic = { ...address('2a01:4f8:1:3:9::9/64'), dynamic: true };
    const [card, bridge] = settled.devices;
    if (card === undefined || bridge === undefined) throw new Error('no devices');
    const { kernel } = plan({
      ...settled,
      devices: [card, { ...bridge, up: false, addresses: [...bridge.addresses, dynamic] }],
      sysctls: new Map([...settled.sysctls, ['net/ipv6/conf/br0/accept_ra', '2']]),
    });
    expect(kernel.map(({ subject }) => subject)).toEqual([
      'net/ipv6/conf/br0/accept_ra = 0, is 2',
      'br0 is up',
      '2a01:4f8:1:3:9::9/64 on br0',
    ]);
  });

  test('a setting says what it is now, also where there is none yet', () => {
    const { kernel } = plan({ ...settled, sysctls: new Map() });
    for (const { subject } of kernel) expect(subject).toMatch(/^net\S+ = \d, is not there yet$/);
    expect(kernel.length).toBeGreaterThan(3);
  });
});

test('the kernel answers for a VM that is gone', () => {
  const { kernel } = plan({
    ...settled,
    proxied: new Set(['2a01:4f8:1:3::9 eno1', '2a01::1 eth7']),
  });
  expect(kernel.map(({ command }) => command)).toEqual([
    'ip -6 neigh del proxy 2a01:4f8:1:3::9 dev eno1',
  ]);
});

describe('this SSH session', () => {
  const at = (kernel: Kernel, text: string): Plan => plan({ ...kernel, session: ip(text) });

  test('is safe where its address stays', () => {
    expect(at(settled, '45.67.90.10').session.kind).toBe('safe');
  });

  test('is interrupted where its address moves, and the lines are named', () => {
    const { session } = at(guided, '45.67.90.10');
    expect(session.kind).toBe('interrupted');
    const by = 'by' in session ? session.by.map(({ subject }) => subject) : [];
    expect(by).toContain('45.67.90.10/32 on br0');
    expect(by).toContain('eno1 is a port of no bridge, is a port of br0');
  });

  test('ends where its address goes away', () => {
    const [card, bridge] = settled.devices;
    if (card === undefined || bridge === undefined) throw new Error('no devices');
    const before = { ...card, addresses: [address('2a01:4f8:1:3::2/64'), ...card.addresses] };
    const { session } = at({ ...settled, devices: [before, bridge] }, '2a01:4f8:1:3::2');
    expect(session).toMatchObject({
      kind: 'ended',
      by: [{ subject: '2a01:4f8:1:3::2/64 on eno1' }],
    });
  });
});
