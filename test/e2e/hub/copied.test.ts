import { expect, test } from 'vitest';
import { mustBe, type HubHouse } from '../../lab/index.js';
import { openHouse, type House } from '../api/house.js';
import { requestsOf } from './agent-requests.js';
import { copyOf, enrolledHouse, moveOf, newBoot } from './copied-machine.js';

async function shown({ hub }: { hub: HubHouse }): Promise<Record<string, unknown>> {
  return JSON.parse((await mustBe(0, await hub.run(['agent', 'show', 'web', '--json']))).stdout);
}

async function audited({ hub }: House): Promise<readonly Record<string, unknown>[]> {
  const words = ['audit', 'list', '--object', 'web', '--action', 'agent.copied', '--json'];
  return JSON.parse((await mustBe(0, await hub.run(words))).stdout).lines;
}

test('a copied machine is noticed at the third turn, told everywhere, across a restart, and both go on', async () => {
  await using house = await openHouse();
  const { lab, hub } = house;
  const first = await hub.serve();
  const web = await enrolledHouse(house, 'web');
  const copy = await copyOf(lab, web, 'copy');
  await mustBe(0, await web.run(['run']));
  await mustBe(0, await copy.run(['run']));
  // Until here it may have been moved.
  expect(await shown(house)).toMatchObject({ copied: null });
  await first[Symbol.asyncDispose]();
  await hub.serve();
  await mustBe(0, await web.run(['run']));
  const { copied } = await shown(house);
  expect(copied).toMatchObject({
    machines: [{ from: expect.any(String) }, { from: expect.any(String) }],
    fix: expect.stringContaining('hub agent remove web'),
  });
  for (const house of [copy, web, copy]) await mustBe(0, await house.run(['run']));
  expect((await hub.run(['agent', 'list'])).stdout).toContain('well, COPIED');
  expect((await hub.run(['agent', 'show', 'web'])).stdout).toMatch(
    /COPIED: two machines use its identity by turns\n +one at .+\n +one at .+\n +On the hub: `hub agent remove web`/,
  );
  expect(await audited(house)).toHaveLength(1);
  await expect
    .poll(async () => (await hub.run(['notify', 'list'])).stdout, {
      interval: 500,
      timeout: 20_000,
    })
    .toMatch(/two machines use the identity of the agent\s+web/);

  await mustBe(0, await hub.run(['agent', 'remove', 'web']));
  expect((await copy.run(['run'])).stderr).toContain('not known here any more');
  const anew = await mustBe(0, await hub.run(['agent', 'add', 'web']));
  await mustBe(0, await web.run(['enroll', '--again'], { input: anew.stdout }));
  for (let turn = 0; turn < 2; turn++) {
    await mustBe(0, await web.run(['run']));
    expect((await copy.run(['run'])).code).toBe(1);
  }
  expect(await shown(house)).toMatchObject({ copied: null });
}, 180_000);

test('a machine that is started anew, moved, restored, and given a new certificate is no copy', async () => {
  await using house = await openHouse();
  const { lab, hub } = house;
  await hub.serve();
  const web = await enrolledHouse(house, 'web');
  await mustBe(0, await web.run(['run']));
  for (let start = 0; start < 3; start++) {
    const boot = await newBoot(lab);
    for (let run = 0; run < 2; run++) await boot.runs(web, ['run']);
    await moveOf(web);
    for (let run = 0; run < 2; run++) await boot.runs(web, ['run']);
  }
  const known = await house.sql(
    "select json_array_length(instances) from agents where name = 'web'",
  );
  expect(Number(known)).toBe(7);
  expect(await shown(house)).toMatchObject({ copied: null });
  expect(await audited(house)).toEqual([]);
}, 180_000);

test('a stolen identity is noticed once the machine itself comes again, also where the thief says no word', async () => {
  await using house = await openHouse();
  await house.hub.serve();
  const web = await enrolledHouse(house, 'web');
  await mustBe(0, await web.run(['run']));
  const thief = await requestsOf(house.hub, web);
  expect(await thief.send('GET', '/v1/agent/manifest')).toMatchObject({ status: 200 });
  expect(await shown(house)).toMatchObject({ copied: null });
  await mustBe(0, await web.run(['run']));
  expect(await shown(house)).toMatchObject({ copied: { machines: [{}, {}] } });
});
