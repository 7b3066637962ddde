import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeSshKey, mustBe, runTool, startSshMachine, type SshMachine } from '../../lab/index.js';
import { knownAs, openGround, type Ground } from './ground.js';

/** ~/.ssh/config, as who types `ssh web` every day has it. */

const portOf = ({ root }: SshMachine): string => root.split(':').at(-1) ?? '';

function blockFor(name: string, machine: SshMachine, ...more: readonly string[]): string {
  const lines = [`HostName ${machine.address}`, `Port ${portOf(machine)}`, ...more];
  return [`Host ${name}`, ...lines.map((line) => `  ${line}`), ''].join('\n');
}

async function configure({ home }: Ground, ...blocks: readonly string[]): Promise<void> {
  await writeFile(join(home, '.ssh/config'), blocks.join('\n'));
}

const words = ['agent', 'install', 'web', '--dry-run'] as const;

test('address, port and key of a host that is known there by a short name, which is its name at the hub', async () => {
  await using ground = await openGround();
  const { hub, machine, env } = ground;
  await ground.know(`${knownAs(machine)} ${machine.hostKey}`);
  await mkdir(join(ground.home, 'own'));
  await copyFile(machine.identity, join(ground.home, 'own/key'));
  await configure(ground, blockFor('web', machine, 'IdentityFile ~/own/key'));
  const planned = await mustBe(0, await hub.run([...words], { env }));
  expect(planned.stdout).toContain('hub-agent enroll, as web,');
  expect(await machine.daemon.log()).toContain('Accepted publickey for root');

  await configure(ground, blockFor('web', machine, 'User nobody', 'IdentityFile ~/own/key'));
  const refused = await mustBe(2, await hub.run([...words], { env }));
  expect(refused.stderr, 'whom it names may do nothing there').toContain('nobody');
  await mustBe(0, await hub.run(['agent', 'install', 'root@web', '--dry-run'], { env }));

  await writeFile(join(ground.home, '.ssh/config'), 'NoSuchWord yes\n');
  const broken = await mustBe(2, await hub.run([...words], { env }));
  expect(broken.stderr).toMatch(/NoSuchWord|nosuchword/);
  await configure(ground, blockFor('web', machine, 'ProxyCommand nc %h %p'));
  const proxied = await mustBe(2, await hub.run([...words], { env }));
  expect(proxied.stderr).toContain('ProxyJump');
});

test('through the host that it names, each by its own block; ssh’s usual keys are tried as well', async () => {
  await using ground = await openGround();
  const { lab, hub, machine, env, home } = ground;
  const jump = await startSshMachine(lab);
  const locked = await makeSshKey(join(home, '.ssh'), 'id_ecdsa', 'a long way');
  await copyFile(machine.identity, join(home, '.ssh/id_ed25519'));
  await ground.know(`${knownAs(machine)} ${machine.hostKey}`);
  await ground.know(`${knownAs(jump)} ${jump.hostKey}`);
  await configure(ground, blockFor('web', machine, 'ProxyJump door'), blockFor('door', jump));
  const refused = await mustBe(1, await hub.run([...words], { env }));
  expect(refused.stderr).toContain(`ssh-add ${locked}`);
  const key = await runTool('ssh-keygen', ['-y', '-f', machine.identity]);
  await jump.mustInside(`echo '${key.trim()}' >> /mnt/own/login.pub`);
  await mustBe(0, await hub.run([...words], { env }));
  expect(await jump.daemon.log()).toContain('Accepted publickey for root');
  expect(await machine.daemon.log()).toContain('Accepted publickey for root');
});
