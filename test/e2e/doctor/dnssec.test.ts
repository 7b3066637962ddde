import { expect, test } from 'vitest';
import { makeZoneKeys } from '../../lab/index.js';
import { openPractice } from './practice.js';

const day = 86_400_000;

test('a signed domain: good, signatures that are over at one name server, a DS record of keys that are gone', async () => {
  await using practice = await openPractice();
  const { tree, cname, lab } = practice;
  const keys = await makeZoneKeys(lab, 'example.org');
  const [first, second] = tree.servers;
  const text = tree.zoneText([cname]);
  await tree.parent.serve(tree.parentText(keys.ds));
  for (const server of tree.servers) await server.serve(await keys.sign(text));
  const good = await practice.findings();
  expect(good.filter(({ state }) => state === 'wrong')).toEqual([]);

  const over = await keys.sign(text, {
    from: new Date(Date.now() - 40 * day),
    to: new Date(Date.now() - day),
  });
  await second?.serve(over);
  const half = (await practice.findings()).filter(({ state }) => state === 'wrong');
  expect(half.length).toBeGreaterThan(0);
  for (const { what, remedy } of half) {
    expect(what).toContain(`ns2.example.org at ${second?.address}`);
    expect(remedy).toBeTruthy();
  }

  // Moved to a provider that does not sign, with the DS record left at the registrar.
  for (const server of [first, second]) await server?.serve(text);
  const moved = (await practice.findings()).filter(({ state }) => state === 'wrong');
  expect(moved.map(({ what }) => what).join('\n')).toMatch(/DS record/);
});
