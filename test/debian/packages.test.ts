import { copyFile, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openLab, runTool, type Lab } from '../lab/index.js';
import { makePackages, packageNames, type DebianPackages } from '../lab/debian-packages.js';
import { bootDebian, until, type DebianTree } from '../lab/debian-tree.js';

/** Newer than any that a commit makes of itself. */
const newer = '9.0-1';
const [hub, agent] = ['sixhub-hub', 'sixhub-agent'] as const;
let lab: Lab;
let debian: DebianTree;
let packages: DebianPackages;
let newerPackages: DebianPackages;

beforeAll(async () => {
  lab = await openLab();
  packages = await makePackages(lab);
  newerPackages = await makePackages(lab, newer);
  debian = await bootDebian(lab);
  for (const file of [packages, newerPackages].flatMap((made) => Object.values(made))) {
    await copyFile(file, join(debian.root, 'root', basename(file)));
  }
});
afterAll(() => lab[Symbol.asyncDispose]());

const must = (line: string): Promise<string> => debian.must(line);
const install = (made: DebianPackages): Promise<string> =>
  must(
    `apt-get install -y -q ${packageNames.map((name) => `/root/${basename(made[name])}`).join(' ')}`,
  );
const isActive = async (unit: string): Promise<boolean> =>
  (await debian.run(`systemctl is-active ${unit}`)).code === 0;

test('lintian finds no error, shellcheck not a word', async () => {
  const words = ['--allow-root', '--fail-on', 'none', ...Object.values(packages)];
  expect(await runTool('lintian', words, { timeoutMs: 570_000 })).not.toMatch(/^E:/m);
  for (const [name, file] of Object.entries(packages)) {
    const place = await lab.makeDirectory(`control-${name}`);
    await runTool('dpkg-deb', ['-e', file, place]);
    const scripts = (await readdir(place)).filter((script) => /^(?:pre|post)/.test(script));
    expect(scripts).toContain('preinst');
    const paths = scripts.map((script) => join(place, script));
    expect(await runTool('shellcheck', paths)).toBe('');
  }
}, 600_000);

test('installs by apt alone, on Debian 12; nothing fails, and what is not set up waits', async () => {
  await install(packages);
  for (const command of ['sixhub', 'hub', 'hub-agent', 'acme-dns', 'hostcore']) {
    expect(await must(`${command} --version`)).toMatch(/^[a-z-]+ \d/);
  }
  expect(await isActive('acme-dns.service')).toBe(true);
  expect(await isActive('sixhub-agent.timer')).toBe(true);
  // The timer came at once, since the machine booted more than a minute ago or is about to; either way it comes again.
  await must('systemctl start sixhub-agent.service');
  expect(await must('systemctl show -P NextElapseUSecMonotonic sixhub-agent.timer')).toMatch(/\d/);
  // A host that nobody describes has nothing to differ from.
  expect(await isActive('sixhub-hostcore-drift.timer')).toBe(true);
  await must('systemctl start sixhub-hostcore-drift.service');
  expect(await must('systemctl --failed --no-legend')).toBe('');
  expect(await must('systemctl is-enabled sixhub sixhub-agent-watch')).toBe('enabled\nenabled\n');
  const units =
    'sixhub acme-dns sixhub-agent sixhub-agent-watch sixhub-agent.timer sixhub-hostcore-drift sixhub-hostcore-drift.timer';
  const files = units.split(' ').map((unit) => (unit.includes('.') ? unit : `${unit}.service`));
  const { stderr } = await debian.run(`systemd-analyze verify ${files.join(' ')}`);
  expect(stderr).toBe('');
});

test('a hub: init, start, its state by its user', async () => {
  await must('systemctl disable --now acme-dns');
  await must(
    'hub init --zone acme-dns.example.net --address 2001:db8::53 --contact you@example.net',
  );
  await must('systemctl enable --now sixhub');
  await until(async () => (await debian.run('hub agent add web')).code === 0);
  expect(await must('stat -c "%U %a" /var/lib/sixhub/master.key')).toBe('sixhub 400\n');
  expect(await must('stat -c "%G %a" /etc/sixhub/hub.toml')).toBe('sixhub-admin 640\n');
  expect(await must('hub agent list')).toContain('web');
});

test('upgrades: what ran runs, what was stopped stays so, files of the administrator stay', async () => {
  await must('echo "# mine" >> /etc/acme-dns/config.cfg');
  const before = await must('sha256sum /etc/acme-dns/config.cfg /var/lib/sixhub/master.key');
  const started = await must('systemctl show -P ExecMainPID sixhub');
  await install(newerPackages);
  expect(await must("dpkg-query -W -f '${Version} ' 'sixhub-*'")).toBe(`${newer} `.repeat(4));
  expect(await must('sha256sum /etc/acme-dns/config.cfg /var/lib/sixhub/master.key')).toBe(before);
  expect(await must('systemctl show -P ExecMainPID sixhub')).not.toBe(started);
  await until(async () => (await debian.run('hub agent list')).stdout.includes('web'));
  expect(await isActive('acme-dns')).toBe(false);
  expect((await debian.run('systemctl is-enabled acme-dns')).stdout).toBe('disabled\n');
  expect(await must('systemctl --failed --no-legend')).toBe('');
});

test.each([hub, agent])('%s is not put over a newer one, which runs on', async (name) => {
  const { code, stderr } = await debian.run(`dpkg -i /root/${basename(packages[name])}`);
  expect(code).toBe(1);
  expect(stderr).toMatch(new RegExp(`^${name} \\S+ is older than ${newer}, which was here`, 'm'));
  expect(await must(`dpkg-query -W -f '\${Version} \${db:Status-Status}' ${name}`)).toBe(
    `${newer} installed`,
  );
  expect(await isActive('sixhub')).toBe(true);
});

test('removed: stopped, with state and configuration kept; what had failed is forgotten', async () => {
  await must(
    'mkdir -p /var/lib/sixhub-agent && echo no JSON > /var/lib/sixhub-agent/identity.json',
  );
  expect((await debian.run('systemctl start sixhub-agent.service')).code).toBe(1);
  expect(await must('systemctl --failed --no-legend')).toContain('sixhub-agent.service');
  await must(`dpkg -r ${packageNames.join(' ')}`);
  expect(await must('systemctl --failed --no-legend')).toBe('');
  expect(await must('ls /var/lib/sixhub')).toContain('master.key');
  expect(await must('ls /etc/sixhub /etc/acme-dns')).toMatch(
    /ca\.pem[^]*config\.cfg|config\.cfg[^]*ca\.pem/,
  );
  expect((await debian.run('pgrep -f /usr/lib/sixhub')).code).toBe(1);
  const { stderr } = await debian.run(`dpkg -i /root/${basename(packages[hub])}`);
  expect(stderr).toContain(`is older than ${newer}`);
});

test('purged: each takes its own, and in the end nothing is left but the users', async () => {
  // What drift left for the agent, and what an apply kept, are no hub's.
  await must(
    'mkdir -p /var/lib/sixhub-hostcore/0001 && echo {} > /var/lib/sixhub-hostcore/status.json',
  );
  await must(`dpkg -P ${hub}`);
  expect(await must('ls /var/lib/sixhub-hostcore')).toBe('0001\nstatus.json\n');
  await must(`dpkg -P ${packageNames.join(' ')}`);
  // man keeps what it formatted for a week.
  const left = '\\( -iname "*sixhub*" -o -iname "*acme-dns*" -o -iname "hub-agent*" \\)';
  expect(
    await must(
      `find / -xdev ${left} -not -path "/root/*" -not -path "/proc/*" -not -path "/var/cache/man/*"`,
    ),
  ).toBe('');
});
