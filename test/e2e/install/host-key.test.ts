import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeSshKey, mustBe, openPane, runAtTerminal } from '../../lab/index.js';
import { knownAs, openGround } from './ground.js';

test('a host that nobody knows: refused without a terminal, with its fingerprint and the way on; nothing is written', async () => {
  await using ground = await openGround();
  const { machine, home } = ground;
  const refused = await mustBe(3, await ground.install(['--yes']));
  expect(refused.stderr).toContain(`ssh-ed25519 ${machine.fingerprint}`);
  expect(refused.stderr).toContain(`--host-key ${machine.fingerprint}`);
  const other = `SHA256:${'A'.repeat(43)}`;
  const unexpected = await mustBe(1, await ground.install(['--yes', '--host-key', other]));
  expect(unexpected.stderr).toContain(machine.fingerprint);
  expect(unexpected.stderr).toContain(other);
  await mustBe(2, await ground.install(['--yes', '--host-key', 'SHA256:short']));
  expect(await machine.daemon.log(), 'no user was sent').not.toMatch(/ user root /);
  await mustBe(0, await ground.install(['--dry-run', '--host-key', machine.fingerprint]));
  expect(await machine.daemon.log()).toMatch(/ user root /);
  await expect(stat(join(home, '.ssh/known_hosts'))).rejects.toThrow('ENOENT');
});

test('at a terminal it is shown and asked for; with a yes it is known from then on', async () => {
  await using ground = await openGround();
  const { machine, hub, home, env } = ground;
  const words = ['agent', 'install', machine.root, '--name', 'web', '--identity', machine.identity];
  const all = [...words, '--dry-run', '--config', hub.config];
  const to = 'Is it the same? [y/N]';
  const no = await runAtTerminal('hub', all, { to, with: 'n' }, env);
  expect(no.code).toBe(3);
  await expect(stat(join(home, '.ssh/known_hosts'))).rejects.toThrow('ENOENT');
  const yes = await runAtTerminal('hub', all, { to, with: 'y' }, env);
  expect(yes.screen).toContain(machine.fingerprint);
  expect(yes.code).toBe(0);
  expect(await readFile(join(home, '.ssh/known_hosts'), 'utf8')).toMatch(
    /^\|1\|\S+ ssh-ed25519 \S+\n$/,
  );
  expect((await stat(join(home, '.ssh/known_hosts'))).mode & 0o777).toBe(0o600);
  await mustBe(0, await ground.install(['--dry-run']));
}, 60_000);

test('all that is asked, one after the other, at a narrow terminal; Ctrl-C in the middle says how to go on', async () => {
  // The installation stands still at daemon-reload for as long as /run/held is there.
  const before = `
mv /usr/local/bin/systemctl /usr/local/bin/systemctl-itself
printf '%s\\n' '#!/bin/sh' 'while [ "$1" = daemon-reload ] && [ -e /run/held ]; do sleep 0.1; done' 'exec systemctl-itself "$@"' > /usr/local/bin/systemctl
chmod 755 /usr/local/bin/systemctl
touch /run/held`;
  await using ground = await openGround({ systemd: true, password: 'horse', before });
  const { machine, hub, lab } = ground;
  const pane = await openPane(lab, { columns: 60, rows: 50 });
  const line = `hub agent install ${machine.root} --name web --config ${hub.config}`;
  await pane.enter(line);
  await pane.until(/Is it the same\? \[y\/N\]/);
  await pane.enter('y');
  await pane.until(/^Password of/m);
  await pane.enter('horse');
  await pane.until(/^Do this on/m);
  await pane.enter('n');
  await pane.until(/nothing was changed/);
  await pane.enter(`clear; ${line} --yes`);
  await pane.until(/^Password of/m);
  await pane.enter('horse');
  await pane.until(/^done: write[^]*sixhub-agent\.timer/m);
  await pane.press('C-c');
  const stopped = await pane.until(/The same command again/);
  expect(stopped).toContain('error: stopped; what is done');
  await machine.mustInside('rm /run/held');
  await pane.enter(`clear; ${line} --yes; echo exit $?`);
  await pane.until(/^Password of/m);
  await pane.enter('horse');
  expect(await pane.until(/^exit \d$/m)).toContain('exit 0');
  expect(await pane.everything()).not.toContain('horse');
}, 60_000);

test('a key that changed, or was revoked, is refused with both fingerprints and the line', async () => {
  await using ground = await openGround();
  const { machine, lab, home } = ground;
  const file = await makeSshKey(await lab.makeDirectory('keys'), 'other');
  const [type = '', blob = ''] = (await readFile(`${file}.pub`, 'utf8')).split(' ');
  await ground.know('# kept by hand');
  await ground.know(`${knownAs(machine)} ${type} ${blob}`);
  const changed = await mustBe(
    1,
    await ground.install(['--yes', '--host-key', machine.fingerprint]),
  );
  expect(changed.stderr.replaceAll(/\s+/g, ' ')).toMatch(
    new RegExp(
      `shows another key than before: ssh-ed25519 ${machine.fingerprint.replaceAll(/[+/]/g, '.')}, where ${home}/.ssh/known_hosts:2 has ssh-ed25519 SHA256:`,
    ),
  );
  await ground.know(`@revoked * ${machine.hostKey}`);
  const revoked = await mustBe(1, await ground.install(['--yes']));
  expect(revoked.stderr).toContain(`${home}/.ssh/known_hosts:3 revokes`);
  expect(await machine.daemon.log()).not.toContain('Accepted');
});
