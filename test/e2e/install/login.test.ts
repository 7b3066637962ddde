import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  listensAtSocket,
  makeSshKey,
  mustBe,
  programFile,
  runAtTerminal,
  runTool,
  startDaemon,
  startSshMachine,
} from '../../lab/index.js';
import { knownAs, openGround } from './ground.js';

const secret = "it's a long way";

test('a wrong key is refused in one sentence; a key with a passphrase, a password and an agent let in; no secret is shown', async () => {
  await using ground = await openGround({ password: 'horse' });
  const { machine, hub, lab, env } = ground;
  await ground.know(`${knownAs(machine)} ${machine.hostKey}`);
  const place = await lab.makeDirectory('keys');
  const wrong = await makeSshKey(place, 'wrong');
  const words = ['agent', 'install', machine.root, '--name', 'web', '--dry-run'];
  const refused = await mustBe(1, await hub.run([...words, '--identity', wrong], { env }));
  expect(refused.stderr).toContain(`lets us in by none of the ways that there are: ${wrong}`);
  const none = await mustBe(
    2,
    await hub.run([...words, '--identity', join(place, 'none')], { env }),
  );
  expect(none.stderr).toContain('ENOENT');
  const publicOne = await hub.run([...words, '--identity', `${machine.identity}.pub`], { env });
  expect((await mustBe(2, publicOne)).stderr).toContain('it is a public key');

  const locked = await makeSshKey(place, 'locked', secret);
  await machine.mustInside(`echo '${await publicKey(locked)}' >> /mnt/own/login.pub`);
  const noTerminal = await hub.run([...words, '--identity', locked], { env });
  expect((await mustBe(2, noTerminal)).stderr).toContain(`ssh-add ${locked}`);
  const all = [...words, '--config', hub.config];
  const opened = await runAtTerminal(
    'hub',
    [...all, '--identity', locked],
    { to: `Passphrase of ${locked}: `, with: secret },
    env,
  );
  expect(opened.code).toBe(0);
  expect(opened.screen).not.toContain(secret);

  const typed = await runAtTerminal(
    'hub',
    all,
    {
      to: `Password of ${machine.root.replace('@', '@[').replace(/:\d+$/, ']$&')}: `,
      with: 'horse',
    },
    env,
  );
  expect(typed.code).toBe(0);
  expect(typed.screen).not.toContain('horse');

  const socket = join(place, 'agent');
  await lab.own(
    await startDaemon({
      name: 'ssh-agent',
      program: programFile('ssh-agent'),
      args: ['-D', '-a', socket],
      logFile: join(place, 'log'),
      ready: listensAtSocket(socket),
    }),
  );
  await runTool('ssh-add', ['-q', wrong, machine.identity], {
    env: { ...process.env, SSH_AUTH_SOCK: socket },
  });
  await mustBe(0, await hub.run(words, { env: { ...env, SSH_AUTH_SOCK: socket } }));
}, 60_000);

function publicKey(file: string): Promise<string> {
  return runTool('ssh-keygen', ['-y', '-P', secret, '-f', file]).then((text) => text.trim());
}

test('a password that PAM asks for; without an answer, it says so', async () => {
  await using ground = await openGround({
    password: 'horse',
    more: 'UsePAM yes\nPasswordAuthentication no\nKbdInteractiveAuthentication yes',
  });
  const { machine, hub, env } = ground;
  await ground.know(`${knownAs(machine)} ${machine.hostKey}`);
  const words = ['agent', 'install', machine.root, '--name', 'web', '--dry-run'];
  const all = [...words, '--config', hub.config];
  const asked = `root@${knownAs(machine)}: Password: `;
  const typed = await runAtTerminal('hub', all, { to: asked, with: 'horse' }, env);
  expect(typed.screen).not.toContain('horse');
  expect(typed.code).toBe(0);
  const left = await runAtTerminal('hub', all, { to: asked, with: '\u0004' }, env);
  expect(left.screen).toContain('interrupted');
  expect(left.code).toBe(1);
}, 60_000);

test('through a jump host, both of them checked', async () => {
  await using ground = await openGround();
  const { machine, lab } = ground;
  const jump = await startSshMachine(lab);
  await jump.mustInside(`cat >> /mnt/own/login.pub <<'END'
${(await runTool('ssh-keygen', ['-y', '-f', machine.identity])).trim()}
END`);
  const words = ['--jump', jump.root, '--yes'];
  const unknown = await mustBe(3, await ground.install(words));
  expect(unknown.stderr).toContain(jump.fingerprint);
  await ground.know(`${knownAs(jump)} ${jump.hostKey}`);
  const still = await mustBe(3, await ground.install(words));
  expect(still.stderr).toContain(machine.fingerprint);
  await mustBe(0, await ground.install([...words, '--host-key', machine.fingerprint]));
  await machine.mustInside('test -x /usr/bin/hub-agent');
  expect(await jump.inside('test -e /usr/bin/hub-agent')).toMatchObject({ code: 1 });
  expect(await jump.mustInside('ls /usr/lib | grep -c sixhub || true')).toBe('0\n');
  await machine.daemon.kill();
  const gone = await mustBe(4, await ground.install(words));
  expect(gone.stderr).toContain("can't be reached from");
}, 60_000);

test('one who may sudo without a password does the same; one who may not changes nothing', async () => {
  await using ground = await openGround({
    before: "useradd -m -d /run/home-jo -s /bin/sh -p '*' jo",
  });
  const { machine, hub, env } = ground;
  await ground.know(`${knownAs(machine)} ${machine.hostKey}`);
  const words = ['agent', 'install', machine.root.replace('root', 'jo'), '--name', 'web'];
  const all = [...words, '--identity', machine.identity, '--yes'];
  const refused = await mustBe(2, await hub.run(all, { env }));
  expect(refused.stderr).toContain('jo ALL=(root) NOPASSWD: ALL');
  await machine.mustInside(
    "echo 'jo ALL=(root) NOPASSWD: ALL' > /etc/sudoers.d/jo && chmod 440 /etc/sudoers.d/jo",
  );
  await mustBe(0, await hub.run(all, { env }));
  expect(
    await machine.mustInside(
      'stat -c "%a %U" /usr/lib/sixhub-agent/hub-agent.mjs /usr/bin/hub-agent',
    ),
  ).toBe('644 root\n755 root\n');
  const again = await mustBe(0, await hub.run(all, { env }));
  expect(again.stdout).toContain('nothing was changed');
  await mustBe(0, await hub.run([...all, '--remove'], { env }));
}, 60_000);

test('a host that is not there, and one that speaks no SSH', async () => {
  await using ground = await openGround();
  const { hub, lab, env } = ground;
  const nobody = await hub.run(['agent', 'install', `root@${lab.address()}:9`], { env });
  expect((await mustBe(4, nobody)).stderr).toContain(
    "can't be reached by SSH: connect ECONNREFUSED",
  );
  const web = await hub.run(['agent', 'install', hub.apiUrl.replace('https://', 'root@')], { env });
  await mustBe(4, web);
  await mustBe(2, await hub.run(['agent', 'install', '-x@'], { env }));
}, 60_000);
