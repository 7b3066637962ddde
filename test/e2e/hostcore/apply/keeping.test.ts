import { expect, test } from 'vitest';
import { openLab } from '../../../lab/index.js';
import { applied, openGround, stateOf, usual } from '../../../lab/host-ground.js';

const place = '/run/sixhub-hostcore';

/** As if the first apply had been made again and again, two years ago. */
const longAgo = `
const { cpSync, readFileSync, writeFileSync } = require('node:fs');
const first = JSON.parse(readFileSync('${place}/0001/apply.json'));
for (let number = 1; number <= 22; number++) {
  const own = '${place}/' + String(number).padStart(4, '0');
  if (number > 1) cpSync('${place}/0001', own, { recursive: true });
  writeFileSync(own + '/apply.json', JSON.stringify({ ...first, number, began: '2024-11-01T00:00:00.000Z' }));
}`;

test('of old applies the newest twenty are kept; one that is gone is not listed, with nothing left of it in the end', async () => {
  await using lab = await openLab();
  const ground = await openGround(lab);
  const { host } = ground;
  const names = (): Promise<string> => host.shell(`ls -A ${place} | sort | head -n 3 | xargs`);
  await applied(ground);
  expect(await host.shell(`stat -c %a ${place}/0001 ${place}/lock`)).toBe('700\n600\n');
  await host.must(process.execPath, ['-e', longAgo]);
  // Something keeps one from being removed whole, and something is no apply at all.
  await host.shell(`mount -t tmpfs tmpfs ${place}/0002/files; mkdir ${place}/0024`);
  await ground.describe(usual.replace('ra.interval = 4', 'ra.interval = 5'));
  await applied(ground);

  const { stdout } = await ground.hostcore('rollback', '--list', '--json');
  const { applies } = JSON.parse(stdout);
  const numbers: unknown[] = applies.map((one: object) => Reflect.get(one, 'number'));
  expect(numbers).toEqual(Array.from({ length: 21 }, (_, index) => index + 3));
  expect(await names()).toBe('.removing-0002 0003 0004\n');
  expect(await host.shell(`cat ${place}/0023/journal`)).toMatch(
    /older ones could not be removed: .*EBUSY/,
  );
  expect(await ground.hostcore('rollback', '2')).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(
      /apply 2 is not kept any more: kept are the newest 20 in force[\s\S]*In force: 3, 4, /,
    ),
  });
  expect(await ground.hostcore('rollback', '99')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('there is no apply 99'),
  });

  await host.shell(`umount ${place}/.removing-0002/files`);
  const before = await stateOf(host);
  expect(await ground.hostcore('rollback', '23', '--no-wait')).toMatchObject({ code: 3 });
  expect(await ground.hostcore('rollback')).toMatchObject({ code: 0 });
  expect(await stateOf(host)).toBe(before);
  expect(await names()).toBe('0004 0005 0006\n');
}, 120_000);
