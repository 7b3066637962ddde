import { expect, test } from 'vitest';
import { openLab } from '../../../lab/index.js';
import { startVms } from '../../../lab/host-network.js';
import { laboratory } from '../verified.js';
import { applied, openGround, stateOf, usual, vmReaches } from '../../../lab/host-ground.js';

test('what packets proved before and not after takes all back by itself; what was never right is told', async () => {
  await using lab = await openLab();
  const ground = await openGround(lab);
  const { host } = ground;
  // No VM runs yet, which is nobody's fault here.
  const first = await ground.start(
    /NEW connection/,
    ...['apply', '--confirm-within', '60s', ...laboratory],
  );
  expect(await first.log()).toMatch(/^not right: .*hub/m);
  expect(await first.log()).toContain('Done, and no worse than before');
  expect(await ground.overSsh('confirm')).toMatchObject({ code: 0 });
  await startVms(ground);
  await vmReaches(ground);
  const before = await stateOf(host);

  // Every daemon takes it and lives, and the host itself goes on: only who asks for a name hears of it.
  await ground.describe(usual.replace('dns64.validate = false', 'dns64.validate = true'));
  const refused = await ground.hostcore('apply', '--confirm-within', '60s', ...laboratory);
  expect(refused).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('it was right before'),
  });
  expect(refused.stdout).toContain('Taken back: number 2');
  expect(await stateOf(host)).toBe(before);
  await vmReaches(ground);

  await ground.describe(usual.replace('ra.interval = 4', 'ra.interval = 5'));
  await applied(ground, ...laboratory);
  await vmReaches(ground);
  expect(await host.shell('tail -n 3 /run/sixhub-hostcore/0003/journal')).toContain('verified');
}, 180_000);

test('a rollback is verified as an apply is, by the description of then', async () => {
  await using lab = await openLab();
  const ground = await openGround(
    lab,
    usual.replace('dns64.validate = false', 'dns64.validate = true'),
  );
  const { host } = ground;
  const journal = (number: number): Promise<string> =>
    host.shell(`cat /run/sixhub-hostcore/000${number}/journal`);
  await applied(ground); // unseen: this resolver's names are not signed
  await startVms(ground);
  await ground.describe(usual);
  await applied(ground, ...laboratory);
  await vmReaches(ground);
  await ground.describe(usual.replace('ra.interval = 4', 'ra.interval = 5'));
  await applied(ground, ...laboratory);
  const before = await stateOf(host);

  const refused = await ground.hostcore('rollback', '2', ...laboratory);
  expect(refused).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('it was right before'),
  });
  expect(refused.stdout).toContain('Taken back: number 4');
  expect(await stateOf(host)).toBe(before);
  await vmReaches(ground);

  const words = ['--confirm-within', '60s', ...laboratory];
  await ground.start(/NEW connection/, 'rollback', '3', ...words);
  expect(await ground.overSsh('confirm')).toMatchObject({ code: 0 });
  expect(await journal(5)).toMatch(/verified\n/);
  expect(await host.shell('cat /run/sixhub-hostcore/0005/host.toml')).toBe(usual);
  await vmReaches(ground);

  // Nobody knows what a provider's fresh host is for; that it is reached is seen all the same.
  const last = await ground.start(/NEW connection/, 'rollback', '1', ...words);
  expect(await last.log()).toContain('not tested: no description of the host before 1 is known');
  expect(await last.log()).toContain('verified as far as that could be tested');
  expect(await ground.hostcore('rollback')).toMatchObject({ code: 0 });
  await vmReaches(ground);
}, 240_000);
