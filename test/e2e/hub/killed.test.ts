import { expect, test } from 'vitest';
import { mustBe, openEstate } from '../../lab/index.js';

/** Every step of an issuance, in its order; the hub is killed the moment it is told. */
const steps = ['delegation-wanted', 'delegated', 'ordered', 'published', 'validated', 'finalized'];

test.each(steps)('a hub killed at "%s" takes the issuance up, with the same order', async (at) => {
  await using estate = await openEstate();
  const { hub, nameServer } = estate;
  const first = await hub.serve();
  const target = await estate.wantedTarget('example.org');
  if (at === 'delegation-wanted') {
    await first.kill();
    await nameServer.addRecord(`_acme-challenge.example.org CNAME ${target}.`);
  } else {
    await nameServer.addRecord(`_acme-challenge.example.org CNAME ${target}.`);
    let killed: Promise<void> | undefined;
    await hub.run(['issue', 'example.org', '--json'], {
      onLine: (line) => {
        if (line.includes(`"kind":"${at}"`)) killed ??= first.kill();
      },
    });
    expect(killed, `the step ${at} was told`).toBeDefined();
    await killed;
  }

  await hub.serve();
  const view = async () =>
    JSON.parse((await mustBe(0, await hub.run(['show', 'example.org', '--json']))).stdout);
  const joined = await hub.run(['issue', 'example.org', '--json']);
  expect(joined.code, joined.stderr + joined.stdout).toBe(0);
  const shown = await view();
  expect(shown.issuance.stage).toBe('done');
  expect(shown.version.issuer).toContain('Pebble');
  const told = joined.stdout.match(/"kind":"ordered"/g) ?? [];
  // Finished between the kill and the join, it tells nothing more; otherwise the one order is all there was.
  // Killed a moment after it told so, it had offered the challenge and was not there when the authority asked: an order that is
  // invalid stays so (RFC 8555 §7.1.6), and another one follows.
  expect(told.length).toBeLessThanOrEqual(at === 'published' ? 2 : 1);
});
