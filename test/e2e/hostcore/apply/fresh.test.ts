import { expect, test } from 'vitest';
import { openLab } from '../../../lab/index.js';
import { hostNet, startVms, until } from '../../../lab/host-network.js';
import { openGround, stateOf, vmReaches } from '../../../lab/host-ground.js';

test("from the provider's network to a VM that reaches IPv4, confirmed from a new connection; again, nothing", async () => {
  await using lab = await openLab();
  const ground = await openGround(lab);
  const { host } = ground;
  const before = await stateOf(host);
  const dry = await ground.overSsh('apply', '--dry-run');
  expect(dry).toMatchObject({ code: 0, stderr: '' });
  expect(dry.stdout).toContain('Nothing has been changed.');
  expect(await stateOf(host)).toBe(before);

  await ground.start(/NEW connection/, 'apply', '--confirm-within', '60s');
  await startVms(ground);
  await vmReaches(ground);
  expect(await ground.hostcore('apply')).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('waits to be confirmed'),
  });
  expect(await ground.overSsh('confirm')).toMatchObject({ code: 0 });
  expect(await host.shell('cat /run/sixhub-hostcore/0001/journal')).toMatch(
    /confirmed through sshd \d+/,
  );
  const after = await stateOf(host);
  expect(await ground.hostcore('apply')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('Nothing to do'),
  });
  expect(await stateOf(host)).toBe(after);
  expect(await host.shell('ls /run/sixhub-hostcore')).toBe('0001\nlock\n');
}, 120_000);

test('not confirmed: everything is back soon after its time and not before, and the host was reachable all along', async () => {
  await using lab = await openLab();
  const ground = await openGround(lab);
  const { host, provider } = ground;
  const before = await stateOf(host);
  const applying = await ground.start(/NEW connection/, 'apply', '--confirm-within', '8s');
  const since = performance.now();
  expect(await stateOf(host)).not.toBe(before);
  await until(host, 'sh', ['-c', 'tail -n 1 /run/sixhub-hostcore/0001/journal'], /undone$/m);
  const took = performance.now() - since;
  expect(took).toBeGreaterThan(3_000);
  expect(await stateOf(host)).toBe(before);
  await provider.must('ping', ['-c', '1', '-W', '1', hostNet.host4]);
  await provider.must('ping', ['-c', '1', '-W', '1', `${hostNet.prefix}::2`]);
  // What TCP lost meanwhile comes again after a pause of its own.
  await expect
    .poll(() => applying.log(), { timeout: 30_000 })
    .toContain('nobody confirmed in time');
  expect(await ground.hostcore('confirm')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('was taken back (nobody confirmed in time)'),
  });
}, 120_000);
