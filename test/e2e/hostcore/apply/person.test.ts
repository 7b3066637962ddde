import { expect, test } from 'vitest';
import { commandLine, openLab } from '../../../lab/index.js';
import { until } from '../../../lab/host-network.js';
import { applied, openGround, stateOf } from '../../../lab/host-ground.js';

test('what was edited by hand waits for a word, and a rollback brings it back as it was edited', async () => {
  await using lab = await openLab();
  const ground = await openGround(lab);
  const { host } = ground;
  await applied(ground);
  await host.shell('echo "# mine" >> /etc/radvd.conf');
  const edited = await stateOf(host);
  expect(await ground.hostcore('apply')).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('edited by hand since hostcore made them: /etc/radvd.conf'),
  });
  expect(await stateOf(host)).toBe(edited);
  const words = ['apply', '--replace-edited', '--no-wait', '--confirm-within', '60s'] as const;
  expect(await ground.hostcore(...words)).toMatchObject({ code: 3 });
  expect(await host.shell('cat /etc/radvd.conf')).not.toContain('# mine');
  expect(await ground.hostcore('rollback')).toMatchObject({
    code: 0,
    stdout: 'Taken back: number 2 (by hand).\n',
  });
  expect(await stateOf(host)).toBe(edited);
}, 90_000);

test('Ctrl-C while it waits takes everything back at once; for programs each line is an event', async () => {
  await using lab = await openLab();
  const ground = await openGround(lab);
  const { host } = ground;
  const before = await stateOf(host);
  const words = ['apply', '--json', '--confirm-within', '60s', '--state', '/run/sixhub-hostcore'];
  const running = host.run(process.execPath, commandLine('hostcore', words));
  const journal = '/run/sixhub-hostcore/0001/journal';
  await until(host, 'sh', ['-c', `tail -n 1 ${journal}`], /waiting: 60 s/);
  await host.shell('pkill -INT --ns $$ --nslist net -f "[h]ostcore.js apply"');
  const ended = await running;
  expect(ended).toMatchObject({ code: 1 });
  const lines = ended.kind === 'exited' ? ended.stdout.trim().split('\n') : [];
  const events = lines.map((line): unknown => Reflect.get(Object(JSON.parse(line)), 'event'));
  expect([...new Set(events)]).toEqual([
    ...['began', 'checked', 'armed', 'step', 'waiting', 'undone'],
  ]);
  expect(await stateOf(host)).toBe(before);
  expect(await host.shell(`cat ${journal}`)).toContain('undoing: stopped by hand');
}, 60_000);
