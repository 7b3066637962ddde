import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { mustBe } from '../../lab/index.js';
import { installing, name, openGround, place } from './ground.js';

test('from nothing to a certificate that Apache serves; a renewal comes by itself; a version that can’t be served goes back', async () => {
  await using ground = await openGround();
  const { estate, machine, push } = ground;
  const { hub } = estate;
  expect(await ground.shown()).toContain('CN=first');

  const added = await mustBe(0, await ground.add(installing(machine)));
  expect(added.stdout).toMatch(/^nas · example\.org · .* · serving$/m);
  expect(await ground.shown()).toContain('Pebble');
  expect((await ground.shown()).split(' ')[0]).toBe(await ground.newest());
  const rights = await machine.mustInside(
    `stat -c '%a %U %n' ${place}/* /usr/local/lib/sixhub-push/receiver /etc/sixhub/push.conf ~/.ssh/authorized_keys /var/lib/sixhub-push`,
  );
  expect(rights).toBe(`644 root ${place}/fullchain.pem
640 root ${place}/privkey.pem
755 root /usr/local/lib/sixhub-push/receiver
644 root /etc/sixhub/push.conf
600 root /root/.ssh/authorized_keys
700 root /var/lib/sixhub-push
`);
  expect(await machine.mustInside(`ls -A ${place}`)).toBe('fullchain.pem\nprivkey.pem\n');
  const listed = await mustBe(0, await hub.run(['agent', 'list']));
  expect(listed.stdout).toMatch(/^nas +well, pushed +-/m);
  const shown = await mustBe(0, await hub.run(['show', name]));
  expect(shown.stdout).toMatch(/nas · .*:24143 · serving since/);

  const renewed = await mustBe(0, await hub.run(['renew', name, '--wait-deployed', '60s']));
  expect(renewed.stdout).toMatch(/nas · .* · serving/);
  const served = await ground.newest();
  expect((await ground.shown()).split(' ')[0]).toBe(served);

  // Apache takes an RSA key in its configuration, and can then agree with no client.
  const refused = await hub.run(['issue', name, '--key', 'rsa2048', '--wait-deployed', '90s']);
  expect(refused.code).not.toBe(0);
  expect((await ground.shown()).split(' ')[0]).toBe(served);
  const after = await mustBe(0, await hub.run(['agent', 'show', 'nas']));
  expect(after.stdout).toContain('back at the version before');
  expect(after.stdout).toContain('hub push run nas');
  const told = await mustBe(0, await push(['show', 'nas']));
  expect(told.stdout).toContain('taken back to the version before');
  expect(await machine.mustInside(`ls -A ${place}`)).toBe('fullchain.pem\nprivkey.pem\n');

  // Back to a kind that it takes, and all is well again without a word to the host.
  const again = await mustBe(
    0,
    await hub.run(['issue', name, '--key', 'p256', '--wait-deployed', '60s']),
  );
  expect(again.stdout).toMatch(/nas · .* · serving/);
  expect((await ground.shown()).split(' ')[0]).toBe(await ground.newest());

  const audit = await mustBe(0, await hub.run(['audit', 'list', '--json']));
  expect(audit.stdout).toContain('push.add');
  expect(audit.stdout).toContain('bundle.pushed');
  const log = await readFile(join(hub.config, '../log'), 'utf8');
  expect(log).not.toMatch(/PRIVATE KEY|BEGIN/);
  expect(log).toContain('pushed to, and served there');

  const removed = await mustBe(0, await push(['remove', 'nas']));
  expect(removed.stdout).toContain('nas is removed');
  const gone = await mustBe(1, await push(['run', 'nas']));
  expect(gone.stderr).toContain('nothing is pushed to nas');
}, 300_000);
