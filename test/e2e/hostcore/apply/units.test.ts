import { expect, test } from 'vitest';
import { openLab } from '../../../lab/index.js';
import { applied, openGround, stateOf } from '../../../lab/host-ground.js';

test('services that were stopped, disabled or masked: drift and plan say it alike, and an apply mends it', async () => {
  await using lab = await openLab();
  const ground = await openGround(lab);
  const { host } = ground;
  const drift = async (): Promise<readonly unknown[]> => {
    const result = await host.hostcore('drift', '--json', '--no-status');
    const { state, differences } = JSON.parse(Object(result).stdout);
    expect(state).toBe(differences.length === 0 ? 'right' : 'drifted');
    const plan = await host.hostcore('plan', '--json');
    expect(JSON.parse(Object(plan).stdout).empty).toBe(differences.length === 0);
    return differences;
  };
  await applied(ground);
  const right = await stateOf(host);
  expect(await drift()).toEqual([]);

  await host.shell(`
    systemctl mask --now radvd; systemctl disable named; systemctl stop sixhub-tayga; systemctl unmask tayga`);
  const wrong = await stateOf(host);
  const found = await drift();
  const service = (subject: string, is: string): object => ({
    ...{ kind: 'service', subject },
    detail: expect.stringMatching(`^${is}: .`),
  });
  expect(found.filter((one) => Object(one).kind === 'service')).toEqual([
    service('tayga.service', 'not masked'),
    service('sixhub-tayga.service', 'not running'),
    service('named.service', 'not enabled'),
    service('radvd.service', 'masked'),
  ]);

  await applied(ground);
  expect(await stateOf(host)).toBe(right);
  expect(await drift()).toEqual([]);
  expect(await ground.hostcore('apply')).toMatchObject({
    stdout: expect.stringContaining('Nothing to do'),
  });
  // As somebody had it, for whatever reason.
  expect(await ground.hostcore('rollback', '2', '--no-wait')).toMatchObject({ code: 3 });
  expect(await stateOf(host)).toBe(wrong);
}, 120_000);
