import { expect, test } from 'vitest';
import { day, hour, openSimulator, type Simulator } from '../renewal/simulator.js';

const certificates = ['a.example', 'b.example'];

const subjects = ({ told }: Simulator): readonly string[] => told.map(({ subject }) => subject);

const firstLines = ({ told }: Simulator): readonly string[] =>
  told.map(({ text }) => text.split('\n', 1)[0] ?? '');

test('an authority that is dead for months: told, told again as it gets worse, and told when it is over', async () => {
  await using hub = await openSimulator({
    authorities: [{ name: 'first', renewalInfoRetryMs: 12 * hour }],
    certificates,
  });
  const [first] = hub.authorities;
  if (first === undefined) throw new Error('there is an authority');
  await hub.pass(50 * day, 8 * hour);
  first.conduct.trouble.set('all', { kind: 'dead' });
  await hub.pass(45 * day, hour);

  const during = [...subjects(hub)];
  expect(during[0]).toMatch(/^[ab]\.example can't be renewed, ends in (29|30)d/);
  expect(firstLines(hub)[0]).toMatch(/^Check the directory address in hub.toml/);
  // A quarter, an eighth and a sixteenth of 90 days left, and the end.
  const tellings = [/ends in 22d/, /ends in 11d/, /ends in 5d/].map(
    (left) => during.filter((subject) => left.test(subject)).length,
  );
  // A week after it began comes the first reminder, which by the chance of that hour may fall on the same day.
  expect([
    [1, 1, 1],
    [2, 1, 1],
  ]).toContainEqual(tellings);
  expect(during.filter((subject) => /ended [1-9]h ago/.test(subject))).toHaveLength(1);
  expect(hub.told.findLast(({ urgency }) => urgency === 'warning')?.subject).toMatch(/ends in 11d/);
  // 45 days: those five, one for the second certificate at most, and the weekly reminders in between.
  expect(during.length).toBeLessThanOrEqual(10);

  first.conduct.trouble.clear();
  await hub.pass(3 * day, hour);
  // Renewed at once, or one some hours after the other.
  const after = subjects(hub).slice(during.length);
  expect(after.length).toBeLessThanOrEqual(2);
  for (const subject of after) expect(subject).toMatch(/^Over: issued, or not wanted any more/);
  await hub.pass(20 * day, 8 * hour);
  expect(hub.told).toHaveLength(during.length + after.length);
  expect(await hub.store.alerts.list()).toEqual([]);
}, 180_000);

test('a hundred certificates that fail in the same night are one message', async () => {
  await using hub = await openSimulator({ authorities: [{ name: 'first' }], certificates: [] });
  const [first] = hub.authorities;
  if (first === undefined) throw new Error('there is an authority');
  first.conduct.trouble.set('finalize', {
    ...{ kind: 'problem', status: 403, type: 'rejectedIdentifier', detail: 'not this name' },
  });
  const names = Array.from({ length: 100 }, (_, index) => `c${index}.example`);
  for (const name of names) await hub.issue(name);
  await hub.pass(day, hour / 4);
  expect(subjects(hub)).toEqual(["100 certificates can't be issued or renewed [simulated]"]);
  expect(hub.told[0]?.text).toContain('- and 75 more: hub notify list');

  first.conduct.trouble.clear();
  for (const name of names) await hub.issue(name);
  await hub.pass(day, hour / 4);
  expect(subjects(hub).slice(1)).toEqual([
    'Over: issued, or not wanted any more (100) [simulated]',
  ]);
}, 180_000);
