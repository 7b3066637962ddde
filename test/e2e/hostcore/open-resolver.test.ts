import { expect, test } from 'vitest';
import { openHostNetwork, openLab, type HostMachine } from '../../lab/index.js';
import { hostNet } from '../../lab/host-network.js';
import { writeLabFile } from '../../lab/host-machine.js';
import { logSays } from '../../lab/fact.js';
import { programFile } from '../../lab/program-file.js';

/** What lint says of the name server that runs, against what a stranger gets from it. */

const description = `[host.merlin]
release = "debian12"
resolvers = ["${hostNet.resolver}"]
uplink = {device = "eno1", mac = "${hostNet.card}"}
ipv6 = {network = "${hostNet.network}", seed = "0123456789abcdef"}
ipv4 = {address = "${hostNet.host4}", gateway = "${hostNet.gateway4}"}
nat64 = {}
dns64 = {}
`;

const bind: readonly (readonly [options: string, open: boolean, acl?: string])[] = [
  ['allow-query { any; };', true],
  ['allow-query { localnets; };', false],
  ['allow-query { any; }; allow-recursion { localnets; localhost; };', false],
  ['allow-recursion { any; };', true],
  ['allow-recursion { any; }; allow-query-cache { localhost; };', false],
  ['allow-query-cache { any; };', true],
  [
    'allow-recursion { strangers; };',
    true,
    'acl half { 0.0.0.0/1; ::/1; };\nacl strangers { !10.0.0.1; half; };\n',
  ],
  ['allow-recursion { none; any; };', false],
  ['recursion no; allow-query { any; };', false],
  ['', false],
  ['allow-query { any; }; listen-on { 127.0.0.1; }; listen-on-v6 { ::1; };', false],
];

const unbound: readonly (readonly [string, boolean])[] = [
  ['interface: 0.0.0.0\n  access-control: 0.0.0.0/0 allow', true],
  ['interface: 0.0.0.0', false],
  ['access-control: 0.0.0.0/0 allow', false],
  [`interface: ${hostNet.host4}\n  access-control: 0.0.0.0/1 allow`, true],
];

async function openHost(lab: Parameters<typeof openHostNetwork>[0]): Promise<{
  readonly host: HostMachine;
  readonly stranger: HostMachine;
}> {
  const { host, provider: stranger } = await openHostNetwork(lab, { delivery: 'routed' });
  const config = await writeLabFile(lab, 'host.toml', description);
  await host.shell(`
    mkdir -p /etc/sixhub && cp ${config} /etc/sixhub/host.toml
    rm -f /etc/unbound/unbound.conf.d/*
    ip link set eno1 up
    ip addr add ${hostNet.prefix}::17/128 dev eno1 nodad
    ip addr add ${hostNet.host4}/32 dev eno1
    ip -6 route add default via fe80::1 dev eno1
    ip route add default via ${hostNet.gateway4} dev eno1 onlink`);
  return { host, stranger };
}

async function isAnswered(stranger: HostMachine): Promise<boolean> {
  const words = [`@${hostNet.host4}`, 'v6only.lab', 'AAAA', '+time=2', '+tries=1', '+short'];
  const result = await stranger.run('dig', words);
  return result.kind === 'exited' && result.stdout.includes(hostNet.web6);
}

async function isTold(host: HostMachine): Promise<string | undefined> {
  const { findings } = JSON.parse(Object(await host.hostcore('lint', '--json')).stdout);
  const found = findings.find(({ id }: { readonly id: string }) => id === 'open-resolver-now');
  return found?.fact;
}

test('of BIND, lint says that it is open where a stranger is answered, and nowhere else', async () => {
  await using lab = await openLab();
  const { host, stranger } = await openHost(lab);
  for (const [index, [options, open, acl = '']] of bind.entries()) {
    const text = `${acl}options {
  directory "/var/cache/bind";
  forwarders { ${hostNet.resolver}; };
  forward only;
  dnssec-validation no;
  pid-file none;
  ${options}
};\n`;
    const file = await writeLabFile(lab, `named-${index}`, text);
    await host.shell(`cp ${file} /etc/bind/named.conf.options`);
    await using named = await host.start(
      `named-${index}`,
      programFile('named', 'bind9'),
      ['-g'],
      logSays(/ running$/m),
    );
    expect(named.isRunning()).toBe(true);
    expect({ options, answered: await isAnswered(stranger) }).toEqual({ options, answered: open });
    expect({ options, told: (await isTold(host)) !== undefined }).toEqual({ options, told: open });
  }
}, 120_000);

test('of Unbound as well, with the line', async () => {
  await using lab = await openLab();
  const { host, stranger } = await openHost(lab);
  for (const [index, [lines, open]] of unbound.entries()) {
    const text = `server:
  chroot: ""
  username: ""
  use-syslog: no
  verbosity: 1
  pidfile: ""
  module-config: "iterator"
  ${lines}
forward-zone:
  name: "."
  forward-addr: ${hostNet.resolver}\n`;
    const file = await writeLabFile(lab, `unbound-${index}`, text);
    await host.shell(`cp ${file} /etc/unbound/unbound.conf.d/own.conf`);
    await using daemon = await host.start(
      `unbound-${index}`,
      programFile('unbound'),
      ['-d', '-p', '-c', '/etc/unbound/unbound.conf.d/own.conf'],
      logSays(/start of service/),
    );
    expect(daemon.isRunning()).toBe(true);
    expect({ lines, answered: await isAnswered(stranger) }).toEqual({ lines, answered: open });
    const told = await isTold(host);
    expect({ lines, told: told !== undefined }).toEqual({ lines, told: open });
    if (open) expect(told).toMatch(/^\/etc\/unbound\/unbound.conf.d\/own.conf:\d+: access-control/);
  }
}, 60_000);

test('adopt and plan say who is not answered any more', async () => {
  await using lab = await openLab();
  const root = `${lab.directory}/root`;
  await writeLabFile(
    lab,
    'root/etc/bind/named.conf.options',
    'options {\n  allow-query { any; };\n  dns64 64:ff9b::/96 { clients { any; }; };\n  forwarders { 2a01:4ff:ff00::add:1; };\n};\n',
  );
  await writeLabFile(
    lab,
    'root/etc/bind/named.conf.local',
    'zone "kestrel.example" { type master; file "/var/lib/bind/kestrel"; };\nzone "open.example" {\n  type secondary;\n  allow-query { any; };\n};\n',
  );
  await writeLabFile(lab, 'root/etc/resolv.conf', 'nameserver 127.0.0.1\n');
  await writeLabFile(
    lab,
    'root/etc/tayga.conf',
    'prefix 64:ff9b::/96\nipv4-addr 192.168.255.1\ndynamic-pool 192.168.255.0/24\nipv6-addr 2a01:4f8:221:8c4::64\n',
  );
  await writeLabFile(
    lab,
    'root/etc/netplan/01.yaml',
    'network:\n  ethernets:\n    eno1: {match: {macaddress: "9c:6b:00:11:22:33"}, addresses: [88.198.51.77/32, "2a01:4f8:221:8c4::2/64"], routes: [{to: 0.0.0.0/0, via: 88.198.51.65}, {to: "::/0", via: "fe80::1"}]}\n',
  );
  const machine = (await openHostNetwork(lab, { delivery: 'routed' })).host;
  const where = ['-c', `${lab.directory}/adopted.toml`, '--root', root, '--files-only', '--json'];
  const adopted = JSON.parse(Object(await machine.hostcore('adopt', ...where)).stdout);
  expect(adopted.complaints).toEqual([]);
  const plan = JSON.parse(Object(await machine.hostcore('plan', ...where)).stdout);
  const file = plan.files.find(
    ({ path }: { readonly path: string }) => path === '/etc/bind/named.conf.options',
  );
  const lost: readonly { readonly text: string; readonly why: string }[] = file.lost;
  expect(lost.map(({ text }) => text)).toEqual([
    'allow-query { any; }',
    'listen-on { any; }',
    'zone "kestrel.example" (/etc/bind/named.conf.local:1)',
    'zone "open.example" (/etc/bind/named.conf.local:2)',
  ]);
  expect(lost[0]?.why).toContain('then 2a01:4f8:221:8c4::/64 alone');
  expect(lost[1]?.why).toContain('/etc/resolv.conf asks 127.0.0.1');
  expect(lost[2]?.why).toContain('now to any');
  const told = adopted.unread.map(({ text }: { readonly text: string }) => text);
  expect(told).toEqual(expect.arrayContaining(lost.map(({ text }) => text)));
}, 60_000);
