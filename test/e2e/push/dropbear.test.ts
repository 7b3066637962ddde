import { expect, test } from 'vitest';
import { mustBe, ports } from '../../lab/index.js';
import { files, name, openGround } from './ground.js';

test('a host with dropbear and busybox alone for sh, as routers are: no OpenSSH, no SFTP', async () => {
  await using ground = await openGround();
  const { machine, estate, push } = ground;
  const address = estate.lab.address();
  const shown = await machine.mustInside(
    `ln -sf "$(command -v busybox)" /usr/bin/sh 2> /dev/null
rm -f /usr/lib/openssh; dropbearkey -t ed25519 -f /run/host > /run/shown
mkdir -p -m 700 ~/.ssh; cat /mnt/own/login.pub > ~/.ssh/authorized_keys; chmod 600 ~/.ssh/authorized_keys
chmod 700 ~; dropbear -p ${address}:${ports.ssh} -r /run/host -P /run/dropbear.pid
cat /run/shown`,
  );
  expect(await machine.mustInside('readlink -f /bin/sh; ls -d /usr/lib/openssh || true')).toMatch(
    /^\S*busybox\n$/,
  );
  const fingerprint = /SHA256:\S+/.exec(shown)?.[0] ?? '';
  const words = ['add', 'router', `root@${address}:${ports.ssh}`, '--cert', name];
  const added = await mustBe(
    0,
    await push([
      ...[...words, '--host-key', fingerprint, '--connect', ground.endpoint, '--install', '--yes'],
      ...['--identity', machine.identity, ...files],
    ]),
  );
  expect(added.stdout).toMatch(/^router · example\.org · .* · serving$/m);
  await mustBe(0, await estate.hub.run(['renew', name, '--wait-deployed', '60s']));
  expect((await ground.shown()).split(' ')[0]).toBe(await ground.newest());
}, 120_000);
