import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { makeSshKey, mustBe, runTool } from '../../lab/index.js';
import { installing, name, openGround, place, type Ground } from './ground.js';

const renew = async ({ estate: { hub } }: Ground): Promise<void> => {
  await mustBe(0, await hub.run(['renew', name]));
};

test('what refuses there is told in its words, and what serves is left serving', async () => {
  await using ground = await openGround(`mount -t tmpfs -o size=256k,mode=755 full ${place}`);
  const { machine, push, estate } = ground;
  // On the small disk there is nothing yet: Apache goes on with what it has in memory.
  const added = await mustBe(0, await ground.add(installing(machine)));
  expect(added.stdout).toContain('serving');
  const served = await ground.shown();

  // A full disk.
  await machine.inside(`dd if=/dev/zero of=${place}/filler bs=4k`);
  await renew(ground);
  const full = await mustBe(1, await push(['run', 'nas']));
  expect(full.stderr).toMatch(/sixhub-new can't be written: 0 kB left on/);
  expect(await ground.shown()).toBe(served);
  await machine.mustInside(`rm ${place}/filler`);
  await mustBe(0, await push(['run', 'nas']));

  // A configuration that its owner broke before.
  const between = await ground.shown();
  await machine.mustInside('echo Nonsense > /etc/apache2/conf-enabled/broken.conf');
  await renew(ground);
  const broken = await mustBe(1, await push(['run', 'nas']));
  expect(broken.stderr).toContain("Invalid command 'Nonsense'");
  expect(await ground.shown()).toBe(between);
  const told = await mustBe(0, await estate.hub.run(['agent', 'show', 'nas']));
  expect(told.stdout).toContain('left alone, its own configuration is broken');
  await machine.mustInside('rm /etc/apache2/conf-enabled/broken.conf');
  await mustBe(0, await push(['run', 'nas']));

  // A reload that fails, and so nothing new is served.
  const last = await ground.shown();
  await machine.mustInside(
    'sed -i \'s/^reload .*/reload printf "bu\\\\033[2Jsy"; false/\' /etc/sixhub/push.conf',
  );
  await renew(ground);
  const failed = await mustBe(1, await push(['run', 'nas']));
  expect(failed.stderr).toContain('bu [2Jsy'); // no word of it moves the terminal's cursor
  expect(failed.stderr).toContain('rolled-back');
  expect(await ground.shown()).toBe(last);
  await machine.mustInside(
    "sed -i 's/^reload .*/reload apachectl graceful/' /etc/sixhub/push.conf",
  );
  await mustBe(0, await push(['run', 'nas']));

  // Its list does not have it any more; a receiver of another version; none.
  await machine.mustInside(
    "sed -i 's/^certificate .*/certificate example.net/' /etc/sixhub/push.conf",
  );
  const unlisted = await mustBe(1, await push(['run', 'nas']));
  expect(unlisted.stderr).toContain('/etc/sixhub/push.conf has no example.org');
  await machine.mustInside(
    'sed -i "s/^protocol=1/protocol=2/" /usr/local/lib/sixhub-push/receiver',
  );
  const version = await mustBe(1, await push(['run', 'nas']));
  expect(version.stderr).toContain('of another version: this receiver speaks 2');
  await machine.mustInside('rm /usr/local/lib/sixhub-push/receiver');
  const none = await mustBe(1, await push(['run', 'nas']));
  expect(none.stderr).toContain("is not Sixhub's receiver");
  // What it serves is seen all the same.
  expect(none.stdout).toContain('serving');
  const login = await ground.push([
    'install',
    'nas',
    ...installing(machine).slice(1),
    '--host-key',
    machine.fingerprint,
  ]);
  expect(login.stderr).toContain('leave /etc/sixhub/push.conf as it is');
  expect(login.stderr).toMatch(/--file, --check and --reload\s+are for a first one/);
  await machine.mustInside(
    "sed -i 's/^certificate .*/certificate example.org/' /etc/sixhub/push.conf",
  );
  await mustBe(0, await push(['run', 'nas']));

  // As an installation leaves it that was broken off: a list in which there is nothing is no list.
  await machine.mustInside(': > /etc/sixhub/push.conf');
  const words = ['install', 'nas', ...installing(machine).slice(1)];
  const anew = await mustBe(0, await push([...words, '--host-key', machine.fingerprint]));
  expect(anew.stderr).toContain('write /etc/sixhub/push.conf');
}, 300_000);

test('the host: not there, another key, not let in; and the key opens nothing else', async () => {
  await using ground = await openGround();
  const { machine, push, estate } = ground;
  await mustBe(0, await ground.add(installing(machine)));
  const { stdout } = await mustBe(0, await push(['show', 'nas', '--json']));
  const { authorizedKey, hostKey } = JSON.parse(stdout) as {
    authorizedKey: string;
    hostKey: { fingerprint: string };
  };
  expect(authorizedKey).toMatch(
    /^restrict,command="\/bin\/sh \S+" ssh-ed25519 \S+ sixhub-push-nas$/,
  );
  expect(hostKey.fingerprint).toBe(machine.fingerprint);

  await machine.mustInside("sed -i 's/^restrict.*//' ~/.ssh/authorized_keys");
  const refused = await mustBe(1, await push(['run', 'nas']));
  expect(refused.stderr).toContain('does not let the hub in as root');
  await machine.mustInside(`echo '${authorizedKey}' >> ~/.ssh/authorized_keys`);
  await mustBe(0, await push(['run', 'nas']));

  // By a key of ours in the same binding: no shell, no SFTP, no forwarding.
  const key = await makeSshKey(await estate.lab.makeDirectory('key'), 'key');
  const line = authorizedKey.replace(
    /ssh-ed25519 .*/,
    (await readFile(`${key}.pub`, 'utf8')).trim(),
  );
  await machine.mustInside(`echo '${line}' >> ~/.ssh/authorized_keys`);
  const [address = '', port = ''] = machine.root.replace('root@', '').split(':');
  const options = [
    '-i',
    key,
    '-o',
    'StrictHostKeyChecking=no',
    '-o',
    'UserKnownHostsFile=/dev/null',
    '-o',
    'BatchMode=yes',
    '-o',
    'LogLevel=ERROR',
  ];
  const known = { env: { ...process.env, ...ground.env } };
  for (const words of [['id'], ['sh', '-i'], ['cat', '/etc/sixhub/push.conf'], []]) {
    await expect(
      runTool('ssh', [...options, '-p', port, `root@${address}`, ...words], known),
    ).rejects.toMatchObject({ hint: expect.stringContaining('sixhub-push: this key') });
  }
  await expect(
    runTool('sftp', [...options, '-P', port, `root@${address}:/etc/hostname`, '/dev/null'], known),
  ).rejects.toThrow();

  // Another key of the host: nothing is sent, both fingerprints are told.
  const other = await makeSshKey(await estate.lab.makeDirectory('host'), 'host');
  const before = await machine.mustInside('cat /mnt/own/host');
  await machine.mustInside(`cp ${other} /mnt/own/host; chmod 600 /mnt/own/host; kill -HUP 1`);
  const changed = await mustBe(1, await push(['run', 'nas']));
  const shown = /SHA256:\S+/.exec(await runTool('ssh-keygen', ['-lf', `${other}.pub`]))?.[0] ?? '';
  expect(changed.stderr).toContain(machine.fingerprint);
  expect(changed.stderr).toContain(shown);
  expect(changed.stderr).toContain('hub push trust NAME');
  const unsure = await push(['trust', 'nas']);
  expect(unsure.code).toBe(3);
  await mustBe(0, await push(['trust', 'nas', '--host-key', shown]));
  await mustBe(0, await push(['run', 'nas']));
  expect(before).toContain('PRIVATE');

  await machine.daemon[Symbol.asyncDispose]();
  const gone = await mustBe(4, await push(['run', 'nas']));
  expect(gone.stderr).toContain("can't be reached by SSH");
}, 180_000);
