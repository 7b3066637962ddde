import { copyFile, readFile, readlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openLab, type Lab } from '../lab/index.js';
import { until, type DebianTree } from '../lab/debian-tree.js';
import { leftBehind } from './left-behind.js';
import { before, machines, openMachines, type Machine, type Machines } from './machines.js';
import { configurationIn } from './reader.js';
import { allServe, newestSerial, renewed, served, type Serving } from './served.js';

/** From packages to served certificates on three machines, by what the docs say and nothing else. */
let lab: Lab;
let all: Machines;
let trees: Machines['trees'];

beforeAll(async () => {
  lab = await openLab();
  all = await openMachines(lab);
  trees = all.trees;
}, 300_000);
afterAll(() => lab[Symbol.asyncDispose]());

test('set-up.md: from the package to a running hub', async () => {
  const { hub } = trees;
  await all.bring('hub', 'before');
  await all.reader.type(hub, 'set-up.md', 'apt install ./sixhub-hub');
  const made = await all.reader.type(hub, 'set-up.md', 'hub init');
  const records = made.match(/^ *acme-dns\.example\.net\. 3600 IN \S+ \S+$/gm) ?? [];
  expect(records).toHaveLength(2);
  await all.nameServer.addRecords(records.map((record) => record.trim().replace(/\. 3600 IN/, '')));
  await knowAuthority(hub);
  await all.reader.type(hub, 'set-up.md', 'systemctl enable --now sixhub');
  await all.reader.type(hub, 'set-up.md', 'hub doctor');
  expect(await hub.must('systemctl --failed --no-legend')).toBe('');
}, 240_000);

/** hub.toml names Let's Encrypt, as `hub init` wrote it. */
async function knowAuthority({ root }: DebianTree): Promise<void> {
  await copyFile(all.pebble.httpsCertificate, join(root, 'etc/ssl/pebble.pem'));
  const file = join(root, 'etc/sixhub/hub.toml');
  const text = await readFile(file, 'utf8');
  const authority = `directory = "${all.pebble.directory}"\ntrust = "/etc/ssl/pebble.pem"\n`;
  const amended = text.replace('name = "letsencrypt"\n', `name = "pebble"\n${authority}`);
  expect(amended).not.toBe(text);
  await writeFile(file, amended);
}

test('first-certificate.md: the record that it asks for is created, and it is issued', async () => {
  await all.reader.type(trees.hub, 'first-certificate.md', 'hub issue');
  const shown = await all.reader.type(trees.hub, 'first-certificate.md', 'hub show');
  expect(shown).toContain('*.example.org');
}, 240_000);

/** The services, as their administrators have them, with what agents.md says of each. */
const configure: Readonly<Record<Serving, () => Promise<void>>> = {
  async web() {
    const lines = await configurationIn('agents.md', 'SSLCertificateFile');
    const site = `<VirtualHost *:443>\nServerName www.example.org\nSSLEngine on\n${lines}</VirtualHost>\n`;
    await writeFile(join(trees.web.root, 'etc/apache2/sites-available/example.conf'), site);
    await trees.web.must('a2ensite -q example');
  },
  async mail() {
    const live = '/etc/letsencrypt/live/example.org';
    await trees.mail.must(
      `postconf -e myhostname=mail.example.org smtpd_tls_chain_files=${live}/privkey.pem,${live}/fullchain.pem smtpd_tls_cert_file= smtpd_tls_key_file= inet_interfaces=all inet_protocols=all`,
    );
    await writeFile(
      join(trees.mail.root, 'etc/dovecot/local.conf'),
      `ssl = yes\nssl_cert = <${live}/fullchain.pem\nssl_key = <${live}/privkey.pem\n`,
    );
    await trees.mail.run('systemctl restart postfix');
  },
};

test.each(['web', 'mail'] as const)(
  'agents.md: %s, from the package to what its services show',
  async (name) => {
    const machine = trees[name];
    const names = { web: name };
    const invited = await all.reader.type(trees.hub, 'agents.md', 'hub agent add', { names });
    all.copyToken(invited);
    await all.bring(name, 'before');
    await all.reader.type(machine, 'agents.md', 'apt install ./sixhub-agent');
    await all.reader.type(machine, 'agents.md', 'hub-agent enroll');
    await all.reader.type(machine, 'agents.md', 'hub-agent run');
    await configure[name]();
    await all.reader.type(machine, 'agents.md', 'hub-agent detect');
    await all.reader.type(machine, 'agents.md', 'systemctl enable --now sixhub-agent.timer');
    await until(async () => (await served(all, name)).every((serial) => serial !== ''));
    expect(await machine.must('systemctl --failed --no-legend')).toBe('');
  },
  240_000,
);

test('renewed, all of them serve the new one, and nobody touched a machine', async () => {
  await until(async () => allServe(all, await newestSerial(all), ['web', 'mail']));
  const serial = await renewed(all);
  await until(() => allServe(all, serial, ['web', 'mail']));
  await all.reader.type(trees.hub, 'agents.md', 'hub agent list\nhub agent show');
  await until(async () =>
    /web · apache · serving/.test(await trees.hub.must('hub show example.org')),
  );
}, 240_000);

test('the power of a machine fails between switch and proof: back again, it serves the newest', async () => {
  const { web } = trees;
  const live = join(web.root, 'etc/letsencrypt/live/example.org');
  const former = await readlink(live);
  const renewing = renewed(all);
  while ((await readlink(live)) === former) await new Promise((resolve) => setImmediate(resolve));
  await web.cutPower();
  const serial = await renewing;
  await until(() => allServe(all, serial, ['mail']));
  await web.boot();
  await until(() => allServe(all, serial, ['web']));
  await until(async () =>
    /web · apache · serving/.test(await trees.hub.must('hub show example.org')),
  );
  expect(await web.must('systemctl --failed --no-legend')).toBe('');
}, 240_000);

test('where the watch is stopped, the timer alone brings it', async () => {
  const { mail } = trees;
  await mail.must(
    `systemctl disable --now sixhub-agent-watch.service
mkdir -p /etc/systemd/system/sixhub-agent.timer.d
printf '[Timer]\\nOnUnitInactiveSec=\\nOnUnitInactiveSec=5s\\nRandomizedDelaySec=0\\nAccuracySec=1s\\n' > /etc/systemd/system/sixhub-agent.timer.d/often.conf
systemctl daemon-reload
systemctl restart sixhub-agent.timer
systemctl start sixhub-agent.service`,
  );
  const serial = await renewed(all);
  await until(() => allServe(all, serial, ['mail', 'web']));
  expect((await mail.run('systemctl is-active sixhub-agent-watch.service')).stdout).toBe(
    'inactive\n',
  );
}, 240_000);

test('upgraded while they run, and started anew, by the blocks that installed them', async () => {
  const watching = await trees.web.must('systemctl show -P ExecMainPID sixhub-agent-watch');
  for (const name of machines) {
    await all.bring(name, 'now');
    const [page, begin] =
      name === 'hub'
        ? (['set-up.md', 'apt install ./sixhub-hub'] as const)
        : (['agents.md', 'apt install ./sixhub-agent'] as const);
    await all.reader.type(trees[name], page, begin);
    expect(await trees[name].must("dpkg-query -W -f '${Version}' 'sixhub-*'")).not.toBe(before);
    expect(await trees[name].must('systemctl --failed --no-legend')).toBe('');
  }
  expect(await trees.web.must('systemctl show -P ExecMainPID sixhub-agent-watch')).not.toBe(
    watching,
  );
  expect((await trees.mail.run('systemctl is-active sixhub-agent-watch.service')).stdout).toBe(
    'inactive\n',
  );
  const serial = await renewed(all);
  await until(() => allServe(all, serial, ['web', 'mail']));
}, 300_000);

test('an older package over it is refused, and what runs runs on', async () => {
  const { web } = trees;
  await all.bring('web', 'before');
  const refused = await web.run('apt-get install -y --allow-downgrades ./root/sixhub-agent_*.deb');
  expect(refused.code).toBe(100);
  expect(`${refused.stdout}${refused.stderr}`).toContain(`sixhub-agent ${before} is older than`);
  expect(await web.must('systemctl is-active sixhub-agent-watch')).toBe('active\n');
  expect(await web.must("dpkg-query -W -f '${db:Status-Status}' sixhub-agent")).toBe('installed');
});

test('all three started anew by systemd: they come up, and serve the newest', async () => {
  await Promise.all(machines.map((name) => trees[name].reboot()));
  await until(async () => allServe(all, await newestSerial(all), ['web', 'mail']));
  for (const name of machines)
    expect(await trees[name].must('systemctl --failed --no-legend')).toBe('');
}, 240_000);

/** Of each machine, what the purge of our package and of what it brought leaves, and why. */
const leftOf: Readonly<Record<Machine, RegExp>> = {
  // Users stay, as Debian's policy has it; the root of the authority was the test's.
  hub: /^\/etc\/(?:(?:passwd|group|g?shadow)-?|ssl(?:\/pebble\.pem)?)$/,
  // Certificates stay, since services use them; the rest is the administrator's own.
  web: /^\/etc\/(?:letsencrypt(?:\/.*)?|apache2\/sites-(?:available|enabled)(?:\/example.conf)?)$/,
  mail: /^\/etc\/(?:letsencrypt(?:\/.*)?|postfix(?:\/main.cf)?|dovecot(?:\/local.conf)?|systemd\/system\/sixhub-agent.timer.d(?:\/often.conf)?)$/,
};

test.each(machines)(
  '%s purged: nothing is left but what Debian leaves',
  async (name) => {
    const machine = trees[name];
    const own = name === 'hub' ? 'sixhub-hub' : 'sixhub-agent';
    await machine.must(`apt-get remove -y -q ${own}`);
    expect(await machine.must('systemctl --failed --no-legend')).toBe('');
    await machine.must(`apt-get purge -y -q --autoremove ${own}`);
    const left = await leftBehind(machine, all.filesBefore.get(name) ?? '');
    expect(left.filter((path) => !leftOf[name].test(path))).toEqual([]);
    await machine.must('systemctl daemon-reload');
    expect(await machine.must("systemctl list-units --all --no-legend 'sixhub*'")).toBe('');
  },
  240_000,
);
