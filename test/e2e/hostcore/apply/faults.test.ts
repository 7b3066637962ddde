import { expect, test } from 'vitest';
import { openLab, programFile, type HostMachine } from '../../../lab/index.js';
import { until } from '../../../lab/host-network.js';
import { writeLabFile } from '../../../lab/host-machine.js';
import { logSays } from '../../../lab/fact.js';
import { applied, openGround, stateOf } from '../../../lab/host-ground.js';

const isUndone = ['-c', 'tail -n 1 /run/sixhub-hostcore/0001/journal'] as const;

test('a daemon that refuses its file: nothing was changed, and its own words are told', async () => {
  await using lab = await openLab();
  const ground = await openGround(lab);
  const { host } = ground;
  await host.shell(`printf 'options { nonsense; };\\n' > /etc/bind/named.conf.local`);
  const before = await stateOf(host);
  const refused = await ground.hostcore('apply');
  expect(refused).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(
      /named-checkconf refuses \/etc\/bind\/named.conf.options: .*nonsense|'options' redefined/,
    ),
  });
  expect(await stateOf(host)).toBe(before);
  expect(await host.shell('cat /run/sixhub-hostcore/0001/journal')).not.toContain('armed');
  expect(await host.shell('ls /run/sixhub-hostcore')).not.toContain('unconfirmed');
}, 60_000);

test('a daemon that takes its file and dies of it: everything is back, and it is named', async () => {
  await using lab = await openLab();
  const ground = await openGround(lab);
  const { host } = ground;
  const before = await stateOf(host);
  const dying = await writeLabFile(
    lab,
    'radvd',
    `#!/bin/sh
case "$*" in *configtest*) exec /run/real-radvd "$@" ;; esac
( sleep 0.3 ) & echo $! > /run/radvd.pid
`,
  );
  await host.shell(
    `cp /usr/sbin/radvd /run/real-radvd; chmod 755 ${dying}; mount --bind ${dying} /usr/sbin/radvd`,
  );
  expect(await ground.hostcore('apply')).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('Taken back: number 1'),
    stderr: expect.stringContaining('radvd.service does not run with its new file'),
  });
  expect(await stateOf(host)).toBe(before);
}, 60_000);

test('a disk that fills: said before anything is changed, and nothing is left of it', async () => {
  await using lab = await openLab();
  const ground = await openGround(lab);
  const { host } = ground;
  // The rules and what belongs into VMs lie on a disk that has room for a part of them.
  await host.shell(
    'cp /etc/sixhub/host.toml /run/; mount -t tmpfs -o size=20k,mode=755 tmpfs /etc/sixhub; cp /run/host.toml /etc/sixhub/',
  );
  const before = await stateOf(host);
  expect(await ground.hostcore('apply')).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/can't be written: ENOSPC[\s\S]*Make room on that disk/),
  });
  expect(await stateOf(host)).toBe(before);
}, 60_000);

test('a disk that fills up under the snapshot: everything is back all the same', async () => {
  await using lab = await openLab();
  const ground = await openGround(lab);
  const { host } = ground;
  const before = await stateOf(host);
  await host.shell(
    'mkdir -p /run/sixhub-hostcore; mount -t tmpfs -o size=400k,mode=700 tmpfs /run/sixhub-hostcore',
  );
  const applying = await ground.start(/NEW connection/, 'apply', '--confirm-within', '5s');
  await host.shell('cat /dev/zero > /run/sixhub-hostcore/filler 2>/dev/null || true');
  await until(host, 'sh', ['-c', 'ls /run/sixhub-hostcore/unconfirmed 2>&1'], /No such file/);
  await until(host, 'sh', ['-c', noHostcore], /^none/);
  expect(await stateOf(host)).toBe(before);
  await applying.stop();
}, 60_000);

const noHostcore = 'pgrep --ns $$ --nslist net -f "[r]ollback 1 --armed" || echo none';

test('two at once: one does it, the other is told so', async () => {
  await using lab = await openLab();
  const ground = await openGround(lab);
  const words = ['apply', '--no-wait', '--confirm-within', '60s'] as const;
  const both = await Promise.all([ground.hostcore(...words), ground.hostcore(...words)]);
  const done = both.filter(({ stderr }) => stderr.includes('NEW connection'));
  expect(done).toHaveLength(1);
  const other = both.find((one) => !done.includes(one));
  expect(other?.stderr).toMatch(
    /another hostcore changes this host right now|waits to be confirmed/,
  );
  expect(await ground.host.shell('ls /run/sixhub-hostcore')).toContain('0001');
}, 60_000);

test('confirm from the old connection, from none and from no console is refused with why', async () => {
  await using lab = await openLab();
  const ground = await openGround(lab);
  const { host, provider } = ground;
  // One that is open before, and has all later sessions on it.
  const control = `${lab.directory}/control`;
  const master = await provider.start(
    'master',
    programFile('ssh', 'openssh-client'),
    ['-M', '-S', control, '-v', ...ground.sshWords('sleep 600')],
    logSays(/Sending command|Entering interactive session/),
  );
  await ground.start(/NEW connection/, 'apply', '--confirm-within', '60s');
  const old = await provider.run('ssh', [
    '-S',
    control,
    ...ground.sshWords(ground.line(['confirm'])),
  ]);
  expect(old).toMatchObject({
    code: 3,
    stderr: expect.stringMatching(/this SSH connection \(sshd \d+\) is older than the change/),
  });
  expect(await ground.hostcore('confirm')).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('no sshd is among the processes'),
  });
  expect(await ground.overSsh('confirm', '--console')).toMatchObject({
    code: 3,
    stderr: expect.stringContaining("--console is for this machine's console"),
  });
  await master.stop();
  expect(await ground.overSsh('confirm')).toMatchObject({ code: 0 });
  expect(await host.shell('ls /run/sixhub-hostcore')).not.toContain('unconfirmed');
}, 90_000);

test('a connection that is cut ends nothing: it can be confirmed, and else is undone', async () => {
  await using lab = await openLab();
  const ground = await openGround(lab);
  const { host } = ground;
  const before = await stateOf(host);
  const applying = await ground.start(/step|1\/\d+/, 'apply', '--confirm-within', '6s');
  await applying.kill();
  await host.shell('pkill -HUP --ns $$ --nslist net -f "[h]ostcore.js apply" || true');
  await until(host, 'sh', isUndone, /waiting: /);
  await until(host, 'sh', isUndone, /undone$/m);
  expect(await stateOf(host)).toBe(before);
}, 60_000);

test('a service that dies while a person is waited for: everything is back at once', async () => {
  await using lab = await openLab();
  const ground = await openGround(lab);
  const { host } = ground;
  const before = await stateOf(host);
  const applying = await ground.start(/NEW connection/, 'apply', '--confirm-within', '60s');
  await host.shell('kill -9 $(cat /run/radvd.pid)');
  await until(host, 'sh', isUndone, /undone$/m);
  await expect.poll(() => applying.log(), { timeout: 30_000 }).toContain('radvd.service died');
  expect(await stateOf(host)).toBe(before);
}, 60_000);

test('a change that touches one daemon touches no other, and rollback N goes back to before it', async () => {
  await using lab = await openLab();
  const ground = await openGround(lab);
  const { host } = ground;
  await applied(ground);
  const first = await stateOf(host);
  const pids = await pidsOf(host);
  await host.shell(`sed -i 's/interval = 4/interval = 5/' /etc/sixhub/host.toml`);
  const dry = await ground.hostcore('apply', '--dry-run');
  expect(dry.stdout.split('\n').filter((line) => /^[a-z]/.test(line))).toEqual([
    'write /etc/radvd.conf',
    'systemctl reload-or-restart radvd.service',
  ]);
  await applied(ground);
  expect(await pidsOf(host)).toBe(pids);
  const second = await stateOf(host);
  expect(second).not.toBe(first);

  await ground.start(/NEW connection/, 'rollback', '2', '--confirm-within', '60s');
  expect(await stateOf(host)).toContain((/radvd.conf.*/.exec(first) ?? [''])[0]);
  expect(await ground.overSsh('confirm')).toMatchObject({ code: 0 });
  expect(await pidsOf(host)).toBe(pids);
  const { stdout } = await ground.hostcore('rollback', '--list');
  expect(stdout).toMatch(/3\s+rollback to before 2\s+confirmed/);

  // To before everything; not confirmed, it is as before this rollback.
  await ground.hostcore('rollback', '1', '--confirm-within', '4s');
  expect(await host.shell('cat /run/sixhub-hostcore/0004/journal')).toContain('undone');
  expect(await ground.hostcore('plan')).toMatchObject({ code: 0 });
}, 120_000);

function pidsOf(host: HostMachine): Promise<string> {
  return host.shell('cat /run/units/*.pid /run/radvd.pid');
}
