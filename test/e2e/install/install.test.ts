import { readdir, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import {
  mustBe,
  openEstate,
  ports,
  runTool,
  startSshMachine,
  type CommandResult,
} from '../../lab/index.js';
import { filesOf, groundOn, knownAs, openGround, pathsIn } from './ground.js';

const name = 'example.org';

/** The command lines of all processes, over and over, until it is closed. */
function watchCommandLines(): { seen: Set<string>; stop: () => Promise<void> } {
  const seen = new Set<string>();
  let isOver = false;
  const looking = (async () => {
    while (!isOver) {
      for (const pid of await readdir('/proc')) {
        if (!/^\d+$/.test(pid)) continue;
        const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
        if (line !== '') seen.add(line.replaceAll('\0', ' ').trim());
      }
    }
  })();
  return {
    seen,
    stop: async () => {
      isOver = true;
      await looking;
    },
  };
}

const whole = ({ stdout, stderr }: CommandResult): string => `${stdout}${stderr}`;

test('from nothing to a certificate that Apache serves; again, and nothing is changed; removed, and nothing is left but what it says', async () => {
  await using estate = await openEstate();
  const { hub, lab } = estate;
  await hub.serve();
  await estate.delegate(name);
  await mustBe(0, await hub.run(['issue', name]));
  const address = lab.address();
  const site = `Listen ${address}:${ports.https}
<VirtualHost ${address}:${ports.https}>
ServerName www.${name}
SSLEngine on
SSLCertificateFile /etc/letsencrypt/live/${name}/fullchain.pem
SSLCertificateKeyFile /etc/letsencrypt/live/${name}/privkey.pem
</VirtualHost>`;
  const machine = await startSshMachine(lab, {
    before: `
mkdir -p /var/log/apache2
echo > /etc/apache2/ports.conf
rm -f /etc/apache2/sites-enabled/*
cat > /etc/apache2/sites-enabled/site.conf <<'END'
${site}
END
for module in ssl socache_shmcb; do ln -sf ../mods-available/$module.load /etc/apache2/mods-enabled/; done
for module in haproxy nginx postfix dovecot exim; do rm -f /usr/bin/$module; done`,
  });
  const ground = await groundOn(lab, hub, machine);
  await ground.know(`${knownAs(machine)} ${machine.hostKey}`);
  const before = await filesOf(machine);

  const dry = await mustBe(0, await ground.install(['--cert', name, '--dry-run']));
  expect(dry.stdout).toContain('  - write /usr/lib/sixhub-agent/hub-agent.mjs (root, 644');
  expect(await filesOf(machine)).toBe(before);

  const processes = watchCommandLines();
  const installed = await ground.install(['--cert', name, '--yes']);
  await processes.stop();
  await mustBe(0, installed);
  expect(installed.stdout).toMatch(/apache: serving/);
  expect(installed.stdout).toContain('web is in place');
  const served = await runTool('openssl', [
    's_client',
    '-connect',
    `${address}:${ports.https}`,
    '-servername',
    `www.${name}`,
  ]);
  expect(served).toMatch(/issuer=.*Pebble/);
  const shown = await mustBe(0, await hub.run(['agent', 'show', 'web']));
  expect(shown.stdout).toMatch(/apache · serving/);
  // The token went by standard input.
  expect([...processes.seen].some((line) => line.includes('hub-agent.mjs enroll'))).toBe(true);
  expect([...processes.seen].filter((line) => line.includes('sixhub1.'))).toEqual([]);
  expect(whole(installed)).not.toContain('sixhub1.');
  expect(
    await machine.mustInside(
      'stat -c "%a %U %n" /usr/lib/sixhub-agent /usr/lib/sixhub-agent/* /usr/bin/hub-agent',
    ),
  ).toBe(
    '755 root /usr/lib/sixhub-agent\n644 root /usr/lib/sixhub-agent/hub-agent.mjs\n755 root /usr/bin/hub-agent\n',
  );

  const between = await filesOf(machine);
  const again = await mustBe(0, await ground.install(['--cert', name, '--yes']));
  expect(again.stdout).toBe('everything is in place for web; nothing was changed\n');
  expect(await filesOf(machine)).toBe(between);

  const removed = await mustBe(0, await ground.install(['--remove', '--yes']));
  expect(removed.stderr).toContain('/etc/letsencrypt');
  const left = new Set(pathsIn(before));
  const more = pathsIn(await filesOf(machine)).filter((path) => !left.has(path));
  expect(more.filter((path) => !path.startsWith('/etc/letsencrypt'))).toEqual([
    '/etc/sixhub',
    '/etc/sixhub/agent.toml',
  ]);
  expect((await hub.run(['agent', 'list', '--json'])).stdout).not.toContain('"active"');
  const nothing = await mustBe(0, await ground.install(['--remove', '--yes']));
  expect(nothing.stdout).toContain('nothing was changed');
  // And once more from there.
  await mustBe(0, await ground.install(['--cert', name, '--yes']));
}, 180_000);

test('broken off after any step, the same command does the rest', async () => {
  await using ground = await openGround({ systemd: true });
  const { machine, hub } = ground;
  await ground.know(`${knownAs(machine)} ${machine.hostKey}`);
  const planned = await mustBe(0, await ground.install(['--dry-run']));
  const steps = planned.stdout.match(/^ {2}- .*/gm)?.map((line) => line.slice(4)) ?? [];
  expect(steps.at(-1)).toMatch(/^systemctl enable/);
  // Each time it gets one step further, and is killed there.
  for (const step of steps) {
    const kill = new AbortController();
    const { code } = await ground.install(['--yes'], {
      signal: kill.signal,
      onLine: (line) => {
        if (line === `done: ${step}`) kill.abort();
      },
    });
    expect([undefined, 0, 1], step).toContain(code);
  }
  await mustBe(0, await ground.install(['--yes']));
  const again = await mustBe(0, await ground.install(['--yes']));
  expect(again.stdout).toContain('nothing was changed');
  const units = 'sixhub-agent.timer sixhub-agent-watch.service';
  expect(
    await machine.mustInside(`systemctl is-enabled ${units}; systemctl is-active ${units}`),
  ).toBe('enabled\nenabled\nactive\nactive\n');
  expect(await machine.mustInside('find /usr /etc -xdev -name ".*.sixhub"')).toBe('');
  expect((await hub.run(['agent', 'list'])).stdout.match(/^web /gm)).toHaveLength(1);
}, 180_000);

test('without node, nothing is done but what was asked for', async () => {
  await using ground = await openGround({
    node: false,
    before: `
cat > /usr/local/bin/apt-get <<'END'
#!/bin/sh
case "$*" in *install*nodejs) ln -s /mnt/own/node /usr/local/bin/node ;; esac
END
chmod 755 /usr/local/bin/apt-get`,
  });
  const { machine } = ground;
  await ground.know(`${knownAs(machine)} ${machine.hostKey}`);
  const before = await filesOf(machine);
  const refused = await mustBe(3, await ground.install(['--yes']));
  expect(refused.stderr).toContain('there is no node, which the agent needs (18 or newer)');
  expect(refused.stderr).toContain('--install-node');
  expect(await filesOf(machine)).toBe(before);
  const done = await mustBe(0, await ground.install(['--yes', '--install-node']));
  expect(done.stderr).toContain('done: apt-get install nodejs');
}, 60_000);

test('what somebody has to decide: a name that is taken, a machine that has another', async () => {
  await using ground = await openGround();
  const { machine, hub, lab } = ground;
  await ground.know(`${knownAs(machine)} ${machine.hostKey}`);
  await mustBe(0, await ground.install(['--yes']));
  const second = await startSshMachine(lab);
  const other = await groundOn(lab, hub, second);
  await other.know(`${knownAs(second)} ${second.hostKey}`);
  const taken = await mustBe(3, await other.install(['--yes']));
  expect(taken.stderr).toContain(
    'the hub has an enrolled agent web already, and this machine is not it',
  );
  const words = ['agent', 'install', machine.root, '--identity', machine.identity, '--yes'];
  const found = await mustBe(0, await hub.run(words, { env: ground.env }));
  expect(found.stdout, 'by whom it is, where no name is given').toContain(
    'everything is in place for web',
  );
  const renamed = await mustBe(3, await hub.run([...words, '--name', 'mail'], { env: ground.env }));
  expect(renamed.stderr).toContain('it is enrolled already, as web at https://');
  const unknown = await mustBe(1, await ground.install(['--yes', '--cert', 'example.net']));
  expect(unknown.stderr).toContain('example.net');
}, 60_000);
