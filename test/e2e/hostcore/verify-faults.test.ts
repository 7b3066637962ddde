import { describe, expect, test } from 'vitest';
import { openLab } from '../../lab/index.js';
import { modes } from './uplink-modes.js';
import { description, openVerified, verified } from './verified.js';

/** Of a daemon on this machine, by its process (radvd has a second one): nobody else's of the same name. */
const processOf = (name: string): string => `$(pgrep -o -x ${name} --ns $$ --nslist net)`;
const reload = (name: string): string => `kill -HUP ${processOf(name)}`;
const named = '/etc/bind/named.conf.options';

interface Fault {
  readonly name: string;
  readonly mode?: string;
  readonly make: string;
  /** Shown when the fault has come about. */
  readonly until?: readonly [command: string, shows: RegExp];
  /** Everything that is wrong then, each with the beginning of why. */
  readonly wrong: Readonly<Record<string, RegExp>>;
}

const faults: readonly Fault[] = [
  {
    name: 'radvd has ended',
    make: `kill ${processOf('radvd')}`,
    // Leaving, it tells the VMs that they have no router any more (RFC 4861 §6.2.5).
    wrong: {
      ra: /^radvd is not running/,
      'vm-inward:hub': /may have none/,
      'vm-inward:mail': /may have none/,
    },
  },
  {
    name: 'another prefix is advertised',
    make: `sed -i 's|prefix 2a01:4f8:1:3::|prefix 2a01:4f8:1:4::|' /etc/radvd.conf; ${reload('radvd')}`,
    wrong: { 'ra-prefix': /^radvd runs with another conf/, 'client-address': /advertisement/ },
  },
  {
    name: 'resolvers that lapse too early, flags and a lifetime are not as described',
    make: `sed -i 's|AdvRDNSSLifetime .*|AdvRDNSSLifetime 4;|; s|AdvManagedFlag off|AdvManagedFlag on|; s|AdvDefaultLifetime .*|AdvDefaultLifetime 40;|' /etc/radvd.conf; ${reload('radvd')}`,
    wrong: { 'ra-resolvers': /^radvd/, 'ra-flags': /^radvd/, 'ra-lifetime': /^radvd/ },
  },
  {
    name: 'DNS64 is off',
    make: `sed -i '/dns64 64/,/^\t};/d' ${named}; named-checkconf; ${reload('named')}`,
    wrong: { dns64: /^The name server makes no addresses: its DNS64 is off/ },
  },
  {
    name: 'the name server has ended',
    make: `kill -9 ${processOf('named')}`,
    wrong: { resolver: /^named is not running/ },
  },
  {
    name: 'tayga was killed',
    make: `kill -9 ${processOf('tayga')}`,
    wrong: { nat64: /^tayga is not running/ },
  },
  {
    name: 'the rules of the NAT64 are gone',
    make: 'nft delete table ip sixhub_nat',
    wrong: { nat64: /^The table that makes the host's address of 192.168.255.0\/24/ },
  },
  {
    name: 'the resolver is open',
    make: `sed -i 's|acl sixhub-clients {|acl sixhub-clients { any;|' ${named}; ${reload('named')}`,
    wrong: { 'resolver-closed': /^Its access list lets others/ },
  },
  {
    name: 'forwarding is off',
    make: 'echo 0 > /proc/sys/net/ipv6/conf/all/forwarding',
    wrong: {
      forwarding: /^net.ipv6.conf.all.forwarding is 0/,
      ipv6: /^IPv6 forwarding is off/,
      nat64: /^IPv6 forwarding is off/,
      'vm-inward:hub': /forwarding is off/,
      'vm-inward:mail': /forwarding is off/,
    },
  },
  {
    name: 'the host takes its own advertisement',
    make: 'cd /proc/sys/net/ipv6/conf/br0; echo 2 > accept_ra; echo 1 > autoconf',
    wrong: { 'own-advertisement': /^net.ipv6.conf.br0.accept_ra is 2/ },
  },
  {
    name: 'a VM is gone',
    make: 'ip link delete vnet0',
    wrong: { 'vm:hub': /^Its MAC address 52:54:00:12:34:56 was not heard on br0/ },
  },
  {
    name: 'the card is in the bridge, against the mode',
    make: 'ip link set eno1 master br0',
    wrong: { 'leak-mac': /^eno1 is a port of br0/, 'leak-ra': /^eno1 is a port of br0/ },
  },
  {
    name: 'the card is in the bridge, without its rules',
    mode: 'bridged',
    make: 'nft delete table bridge sixhub_guard',
    wrong: { 'leak-mac': /^eno1 is a port of br0/, 'leak-ra': /^eno1 is a port of br0/ },
  },
  {
    name: 'the rule against advertisements alone is gone',
    mode: 'bridged',
    make: `nft delete rule bridge sixhub_guard postrouting handle $(nft -a list chain bridge sixhub_guard postrouting | sed -n 's/.*nd-router-advert.*handle //p')`,
    wrong: { 'leak-ra': /^eno1 is a port of br0/ },
  },
  {
    name: 'ndppd has ended',
    mode: 'on-link',
    make: `kill -9 ${processOf('ndppd')}`,
    wrong: { ipv6: /^ndppd is not running/ },
  },
  {
    name: 'the route to an IPv4 address of a VM is gone',
    make: 'ip route delete 45.67.91.7',
    wrong: { 'vm-ipv4:mail': /^The host has no route for 45.67.91.7 to br0/ },
  },
];

describe('a fault is found, with its cause', () => {
  test.each(faults)(
    '$name',
    async ({ mode, make, wrong }) => {
      await using lab = await openLab();
      const chosen = modes.find(({ name }) => name === (mode ?? 'routed-link-local'));
      if (chosen === undefined) throw new Error(`no mode ${mode}`);
      const network = await openVerified(lab, chosen);
      await network.host.shell(make);
      const findings = await verified(network, 1);
      const found = findings.filter(({ state }) => state === 'wrong');
      const causes = Object.fromEntries(found.map(({ id, cause }) => [id, cause]));
      const wanted = Object.entries(wrong).map(([id, cause]) => [id, expect.stringMatching(cause)]);
      expect(causes, JSON.stringify(findings)).toMatchObject(Object.fromEntries(wanted));
      // What does not hang on it is right all the same.
      if (!make.includes('master')) expect(Object.keys(causes)).toHaveLength(wanted.length);
      for (const { remedy } of found) expect(remedy).toMatch(/\w/);
    },
    60_000,
  );
});

test('everything is broken, of a hundred VMs none is there, and all is found in time', async () => {
  await using lab = await openLab();
  const [mode] = modes;
  if (mode === undefined) throw new Error('no mode');
  const more = Array.from(
    { length: 100 },
    (_, index) => `vm.more${index}.mac = "52:54:00:00:01:${index.toString(16).padStart(2, '0')}"`,
  );
  const network = await openVerified(lab, mode, `${description(mode)}${more.join('\n')}\n`);
  await network.host.shell(`
    kill -9 ${processOf('radvd')} ${processOf('named')} ${processOf('tayga')}
    ip link delete vnet0
    ip link set eno1 down`);
  const findings = await verified(network, 1);
  const wrong = findings.filter(({ state }) => state === 'wrong').map(({ id }) => id);
  expect(wrong).toEqual(
    expect.arrayContaining([
      'ra',
      'resolver',
      'nat64',
      'ipv6',
      'device:eno1',
      'vm:hub',
      'vm:more99',
    ]),
  );
  expect(wrong.filter((id) => id.startsWith('vm:more'))).toHaveLength(100);
  expect(findings.filter(({ id }) => id === 'leak')).toMatchObject([{ state: 'not tested' }]);
}, 60_000);
