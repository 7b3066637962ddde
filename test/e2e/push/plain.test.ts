import { expect, test } from 'vitest';
import { mustBe } from '../../lab/index.js';
import { files, name, openGround, place } from './ground.js';

test('a host without a receiver: files by SFTP, the same steps, the same proof', async () => {
  await using ground = await openGround();
  const { machine, push, estate } = ground;
  const added = await mustBe(0, await ground.add(['--sftp', ...files]));
  expect(added.stdout).toMatch(/^restrict ssh-ed25519 \S+ sixhub-push-nas\n$/);
  await machine.mustInside(
    `mkdir -p -m 700 ~/.ssh; echo '${added.stdout.trim()}' > ~/.ssh/authorized_keys; rm -rf /usr/local/lib/sixhub-push`,
  );
  const run = await mustBe(0, await push(['run', 'nas']));
  expect(run.stdout).toMatch(/^nas · example\.org · .* · serving$/m);
  expect((await ground.shown()).split(' ')[0]).toBe(await ground.newest());
  const rights = `stat -c '%a %n' ${place}/* ; ls -A ${place}`;
  const kept = `644 ${place}/fullchain.pem\n640 ${place}/privkey.pem\nfullchain.pem\nprivkey.pem\n`;
  expect(await machine.mustInside(rights)).toBe(kept);

  await mustBe(0, await estate.hub.run(['renew', name, '--wait-deployed', '60s']));
  const served = await ground.newest();
  expect((await ground.shown()).split(' ')[0]).toBe(served);

  // As a hub leaves it that was killed between two renames: the next push begins from the old files.
  await machine.mustInside(
    `cd ${place}; cp -p privkey.pem .privkey.pem.sixhub-old; ln fullchain.pem .fullchain.pem.sixhub-old`,
  );
  await mustBe(0, await push(['run', 'nas']));
  expect(await machine.mustInside(rights)).toBe(kept);

  const refused = await estate.hub.run([
    'issue',
    name,
    '--key',
    'rsa2048',
    '--wait-deployed',
    '90s',
  ]);
  expect(refused.code).not.toBe(0);
  expect((await ground.shown()).split(' ')[0]).toBe(served);
  expect(await machine.mustInside(rights)).toBe(kept);
  const shown = await mustBe(0, await estate.hub.run(['agent', 'show', 'nas']));
  expect(shown.stdout).toContain('back at the version before');

  await machine.mustInside(`chattr +i ${place} 2> /dev/null || mount -o bind,ro ${place} ${place}`);
  await estate.hub.run(['issue', name, '--key', 'p256']);
  const readOnly = await mustBe(1, await push(['run', 'nas']));
  expect(readOnly.stderr).toContain(`${place}/fullchain.pem can't be written or read by SFTP`);
}, 240_000);

test('what can’t be meant is said before anything is made', async () => {
  await using ground = await openGround();
  const { push, add } = { push: ground.push, add: ground.add };
  for (const [words, fact] of [
    [['--sftp'], 'with --sftp the hub has to know which files to write'],
    [['--sftp', '--install', ...files], '--sftp is for hosts that can take no receiver'],
    [files, 'files and commands stand in the list on the host'],
    [['--install', '--file', 'pkcs12=/x'], 'is no file for a certificate'],
    [['--install', '--file', 'privkey=x'], 'is no file for a certificate'],
    [['--connect', '::1'], 'is no [PROTOCOL://]HOST:PORT'],
  ] as const) {
    const refused = await mustBe(2, await add(words));
    expect(refused.stderr).toContain(fact);
  }
  const unknown = await mustBe(1, await add(['--cert', 'example.net']));
  expect(unknown.stderr).toContain('there is no certificate example.net');
  expect((await mustBe(0, await push(['list']))).stdout).toContain('nothing is pushed to');
  await mustBe(0, await add([]));
  const again = await mustBe(1, await add([]));
  expect(again.stderr).toContain('there is an agent nas already');
  const waiting = await mustBe(0, await ground.estate.hub.run(['agent', 'show', 'nas']));
  expect(waiting.stdout).toContain('hub push run nas');
}, 120_000);
