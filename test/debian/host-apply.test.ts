import { copyFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeSshKey, openHostNetwork, openLab, type HostNetwork, type Lab } from '../lab/index.js';
import { makePackages } from '../lab/debian-packages.js';
import { bootDebian, until, type DebianTree } from '../lab/debian-tree.js';
import { hostNet, startVms } from '../lab/host-network.js';
import { fresh, usual, vmReaches } from '../lab/host-ground.js';

/**
 * A physical host with systemd as its first process, networkd, netplan and sshd, as a provider installs it: BIND is there, radvd
 * and tayga are not. Below it are the provider and two VMs, as in test/e2e/hostcore.
 */
let lab: Lab;
let network: HostNetwork;
let debian: DebianTree;
let identity: string;

beforeAll(async () => {
  lab = await openLab();
  network = await openHostNetwork(lab, { delivery: 'routed' });
  const { pid } = network.host;
  debian = await bootDebian(lab, {
    ...{ name: 'merlin', tree: 'debian-12-host', network: { pid }, router: true },
  });
  const made = await makePackages(lab);
  const file = made['sixhub-hostcore'];
  await copyFile(file, join(debian.root, 'root', basename(file)));
  await must(`apt-get install -y -q /root/${basename(file)}`);
  // A container may not set what its own network has; a host may. And networkd has no udev here.
  await must('mount -o remount,bind,rw /proc/sys');
  await must(`printf '#!/bin/sh\\n' > /usr/local/sbin/udevadm; chmod 755 /usr/local/sbin/udevadm`);
  await writeFile(join(debian.root, 'etc/netplan/01-netcfg.yaml'), fresh, { mode: 0o600 });
  await must('mkdir -p /etc/sixhub /root/.ssh; systemctl disable -q --now named');
  await writeFile(join(debian.root, 'etc/sixhub/host.toml'), usual);
  identity = await makeSshKey(lab.directory, 'login');
  await copyFile(`${identity}.pub`, join(debian.root, 'root/.ssh/authorized_keys'));
  await must('netplan generate; systemctl enable -q --now systemd-networkd ssh');
  await until(async () => (await must('ip -6 route')).includes('default via fe80::1'));
  await until(async () => !(await must('ip -6 address')).includes('tentative'));
}, 600_000);
afterAll(() => lab[Symbol.asyncDispose]());

const must = (line: string): Promise<string> => debian.must(line);

/** From the provider's side; each is a connection of its own. */
const overSsh = (line: string) =>
  network.provider.run('ssh', [
    ...['-i', identity, '-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null'],
    ...['-o', 'BatchMode=yes', '-o', 'LogLevel=ERROR', `root@${hostNet.host4}`, line],
  ]);

const journal = (number: number): Promise<string> =>
  must(`cat /var/lib/sixhub-hostcore/000${number}/journal`);

function stateNow(): Promise<string> {
  return must(`
    ip -o address | grep -v 'vnet\\|fe80' | sed 's/ *valid_lft.*//; s/ nodad//; s/\\\\//' | sort
    ip -o link | grep -v vnet | sed 's/^[0-9]*: //; s/state .*//; s/<.*>//' | sort
    ip route show | sort; ip -6 route show | grep -v 'fe80::/64\\|multicast' | sort
    nft list ruleset
    cat /proc/sys/net/ipv6/conf/all/forwarding /proc/sys/net/ipv4/ip_forward
    # Debian's packages leave their users behind.
    find /etc -type f -not -regex '/etc/\\(passwd\\|shadow\\|group\\|gshadow\\|subuid\\|subgid\\|ld.so.cache\\)-?' | sort | xargs sha256sum
    find /etc -type l | sort
    dpkg -l | grep -c ^ii
    for u in systemd-networkd named unbound radvd ndppd sixhub-ndppd tayga sixhub-tayga sixhub-nftables; do echo $u $(systemctl is-active $u) $(systemctl is-enabled $u 2>/dev/null); done
  `);
}

test('with the packages that it lacks, and not confirmed: a timer of PID 1 takes all back, packages too', async () => {
  const before = await stateNow();
  expect(await overSsh('hostcore apply')).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('not installed: tayga, radvd'),
  });
  expect(await overSsh('hostcore apply --install --no-wait --confirm-within 6s')).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('by a timer of systemd'),
  });
  const timer =
    'systemctl show -p TimersMonotonic -p TimersCalendar sixhub-hostcore-1-confirm.timer';
  // Of the clock that no date moves, and of no other.
  expect(await must(timer)).toMatch(
    /^TimersMonotonic=\{ OnActiveUSec=6s[^\n]*\n(TimersCalendar=\n)?$/,
  );
  expect(await must('systemctl is-active radvd sixhub-tayga named')).toBe(
    'active\nactive\nactive\n',
  );
  await until(async () => (await journal(1)).includes(' undone'));
  expect(await journal(1)).toMatch(/ undone\n$/);
  expect(await stateNow()).toBe(before);
}, 300_000);

test('confirmed from a new connection: a VM reaches IPv4, and a second apply has nothing to do', async () => {
  const applied = await overSsh('hostcore apply --install --no-wait --confirm-within 60s');
  expect(applied).toMatchObject({ code: 3 });
  await startVms(network);
  await vmReaches(network);
  expect(await overSsh('hostcore confirm')).toMatchObject({ code: 0 });
  expect(await overSsh('hostcore apply')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('Nothing to do'),
  });
  expect(
    await must(
      "systemctl --failed --no-legend; systemctl list-timers --all | grep 'hostcore-[0-9]' || true",
    ),
  ).toBe('');
}, 300_000);

test('power is cut before it is confirmed: at boot, before the network, the files are as they were', async () => {
  const sums = 'sha256sum /etc/radvd.conf /etc/systemd/network/* /etc/tayga.conf';
  const before = await must(sums);
  await must(`sed -i 's/interval = 4/interval = 5/' /etc/sixhub/host.toml`);
  const words = 'hostcore apply --no-wait --confirm-within 10m';
  expect(await overSsh(words)).toMatchObject({ code: 3 });
  expect(await must(sums)).not.toBe(before);
  await debian.cutPower();
  await debian.boot();
  expect(await journal(3)).toContain('undoing: the machine was started anew');
  expect(await must(sums)).toBe(before);
  const times =
    'systemctl show -p ActiveEnterTimestampMonotonic --value sixhub-hostcore systemd-networkd | grep .';
  const [ours = 0, networkd = 0] = (await must(times)).trim().split('\n').map(Number);
  expect(ours).toBeGreaterThan(0);
  expect(networkd).toBeGreaterThan(ours);
  await must(`sed -i 's/interval = 5/interval = 4/' /etc/sixhub/host.toml`);
  await until(async () => (await must('hostcore apply --dry-run')).includes('Nothing to do'));
}, 300_000);

test('Unbound and ndppd, which never ran, in place of BIND and radvd: they come in and run, and go again', async () => {
  const before = await stateNow();
  const other = usual
    .replace(`"${hostNet.card}"`, `"${hostNet.card}", mode = "on-link"`)
    .replace('dns64.val', 'dns64.engine = "unbound"\ndns64.val')
    .replace('ra.int', 'ra.engine = "networkd"\nra.int');
  await writeFile(join(debian.root, 'etc/sixhub/host.toml'), other);
  expect(await overSsh('hostcore apply --install --no-wait --confirm-within 10s')).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('Installing unbound, ndppd'),
  });
  const units = 'unbound sixhub-ndppd named radvd ndppd';
  expect(await must(`systemctl is-active ${units} || true`)).toBe(
    'active\nactive\ninactive\ninactive\ninactive\n',
  );
  expect(await must('systemctl is-enabled unbound sixhub-ndppd ndppd || true')).toBe(
    'enabled\nenabled\nmasked\n',
  );
  await until(async () => (await journal(4)).includes(' undone'));
  expect(await journal(4)).toMatch(/ undone\n$/);
  await writeFile(join(debian.root, 'etc/sixhub/host.toml'), usual);
  expect(await stateNow()).toBe(before);
}, 300_000);
