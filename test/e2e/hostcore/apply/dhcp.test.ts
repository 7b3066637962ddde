import { expect, test } from 'vitest';
import { openLab, programFile } from '../../../lab/index.js';
import { applied, copyTo, openGround, usual } from '../../../lab/host-ground.js';
import { hostNet, machineShows, until, type HostNetwork } from '../../../lab/host-network.js';
import { writeLabFile, type HostMachine } from '../../../lab/host-machine.js';
import type { Lab } from '../../../lab/lab.js';

const leaseSeconds = 12;

/** As many providers have it: IPv4 by DHCP, by a real server that gives short leases. */
async function layByDhcp(lab: Lab, { host, provider }: HostNetwork): Promise<void> {
  const config = await writeLabFile(
    lab,
    'provider/udhcpd.conf',
    `interface host0
start ${hostNet.host4}
end ${hostNet.host4}
static_lease ${hostNet.card} ${hostNet.host4}
option subnet 255.255.255.0
option router ${hostNet.gateway4}
option lease ${leaseSeconds}
min_lease ${leaseSeconds}
lease_file /run/udhcpd.leases
pidfile /run/udhcpd.pid
`,
  );
  await provider.shell('touch /run/udhcpd.leases');
  const listens = machineShows(provider, 'ss -H -l -n -u sport = :67', /:67/);
  const busybox = programFile('busybox', 'busybox');
  await provider.start(
    'udhcpd',
    busybox,
    ['udhcpd', '-f', '-I', hostNet.gateway4, config],
    listens,
  );
  await copyTo(
    lab,
    host,
    '/etc/network/interfaces',
    `auto lo
iface lo inet loopback

auto eno1
iface eno1 inet dhcp
iface eno1 inet6 static
  address ${hostNet.prefix}::2/64
  gateway fe80::1
  accept_ra 0
  dad-attempts 0
`,
  );
  await host.shell('mkdir -p /run/network; systemctl enable --now networking');
  await until(host, 'ip', ['-6', 'route'], /default via fe80::1/);
  await until(host, 'ip', ['-4', 'address', 'show', 'dev', 'eno1'], leased);
}

const leased = new RegExp(`inet ${hostNet.host4}/24 .*dynamic`);

/** The words of each dhclient that runs there. */
async function clients(host: HostMachine): Promise<string> {
  return host.shell(
    `for one in $(pgrep -x dhclient); do [ $(readlink /proc/$one/ns/net) != $(readlink /proc/self/ns/net) ] || tr '\\0' ' ' < /proc/$one/cmdline; done`,
  );
}

/** A renewal, which happens at half of the lease: the address has more time than a moment ago. */
async function renews(host: HostMachine): Promise<void> {
  const left = 'ip -4 address show dev eno1 | sed -n "s/.*valid_lft \\([0-9]*\\)sec.*/\\1/p"';
  let last = leaseSeconds;
  const grows = async (): Promise<boolean> => {
    const before = last;
    last = Number(await host.shell(left));
    return last > before;
  };
  await expect.poll(grows, { timeout: 20_000, interval: 300 }).toBe(true);
}

test("ifupdown's dhclient ends with an apply and its lease's end takes nothing; it is there again where the apply goes back", async () => {
  await using lab = await openLab();
  const ground = await openGround(lab, usual, { lay: layByDhcp });
  const { host, provider } = ground;
  const before = await clients(host);
  expect(before).toMatch(/dhclient .*-pf \S*dhclient\.eno1\.pid .*eno1/);
  const reached = async (): Promise<void> => {
    await provider.must('ping', ['-c', '1', '-W', '1', hostNet.host4]);
  };

  // Nobody confirms.
  const applying = await ground.start(/NEW connection/, 'apply', '--confirm-within', '3s');
  expect(await clients(host)).toBe('');
  await reached();
  await until(host, 'sh', ['-c', 'tail -n 1 /run/sixhub-hostcore/0001/journal'], /undone$/m);
  expect(await applying.log()).not.toContain('is not as it was');
  expect((await clients(host)).replace(' -nw', '')).toBe(before);
  await renews(host);
  await until(host, 'ip', ['-4', 'address', 'show', 'dev', 'eno1'], leased);
  await reached();

  await applied(ground);
  const leaseEnd = Date.now() + (leaseSeconds + 2) * 1000;
  await expect.poll(() => Date.now(), { timeout: 20_000, interval: 500 }).toBeGreaterThan(leaseEnd);
  await reached();
  const after = await host.shell('ip -4 -o address show dev eno1');
  expect(after).toContain(`${hostNet.host4}/32`);
  expect(after).not.toMatch(/dynamic|\/24/);
  expect(await clients(host)).toBe('');
  expect(await ground.hostcore('apply')).toMatchObject({
    stdout: expect.stringContaining('Nothing to do'),
  });

  // One that somebody starts is drift, and the next apply ends it.
  await host.shell('dhclient -nw -pf /run/dhclient.eno1.pid eno1');
  expect(await ground.hostcore('plan')).toMatchObject({
    stdout: expect.stringMatching(/dhclient ends, and\s+leaves eno1 as it is/),
  });
  await applied(ground);
  expect(await clients(host)).toBe('');

  await ground.start(/NEW connection/, 'rollback', '2', '--confirm-within', '60s');
  expect(await ground.overSsh('confirm')).toMatchObject({ code: 0 });
  expect((await clients(host)).replaceAll(' -nw', '')).toBe(before);
  await renews(host);
  await until(host, 'ip', ['-4', 'address', 'show', 'dev', 'eno1'], leased);
  await reached();
}, 180_000);

test('a DHCP client that hostcore can not end refuses the apply, and lint says how to end it', async () => {
  await using lab = await openLab();
  const ground = await openGround(lab);
  const { host } = ground;
  const busybox = programFile('busybox', 'busybox');
  // It asks for ever: nobody answers.
  await host.shell(`ln -s ${busybox} /run/udhcpc`);
  const runs = machineShows(host, 'pgrep -x udhcpc', /\d/);
  await host.start('udhcpc', '/run/udhcpc', ['-f', '-i', 'eno1', '-s', '/bin/true'], runs);
  expect(await ground.hostcore('apply')).toMatchObject({
    code: 3,
    stderr: expect.stringMatching(/udhcpc \(process \d+\) runs on eno1[^]*kill\s+-KILL\s+\d+/),
  });
  expect(await host.hostcore('lint')).toMatchObject({
    stdout: expect.stringMatching(
      /error udhcpc \(process \d+\) runs on eno1:[^]*do: [^]*kill\s+-KILL\s+\d+/,
    ),
  });
}, 60_000);
