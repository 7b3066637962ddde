import { systemClock } from '@sixhub/base';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { PuppetAuthority, refused, say } from './testing/puppet-authority.js';

let ca: PuppetAuthority;

beforeEach(async () => {
  ca = await PuppetAuthority.open();
});

afterEach(() => ca[Symbol.asyncDispose]());

const wish = { names: ['example.org'] };

test.each([
  [2 * 3_600_000, '2 hours behind'],
  [-3 * 3_600_000, '3 hours ahead'],
  [365 * 86_400_000, '365 days behind'],
  [-365 * 86_400_000, '365 days ahead'],
])('an authority whose clock is %i ms before ours: nothing is ordered', async (before, words) => {
  const date = new Date(Date.now() + before).toUTCString();
  const info = { renewalInfo: `${ca.origin}/renewal-info` };
  ca.answers.set('/directory', (o, a) => say(200, ca.directory(info), { Date: date })(o, a));
  using session = ca.session();
  for (const work of [session.newOrder(wish), session.renewalInfo('a.b'), session.checkClock()]) {
    const { kind, detail } = await refused(work);
    expect(kind).toBe('wrong-clock');
    expect(detail).toContain(`this machine's clock is ${words}`);
  }
  expect(ca.asked.map(({ path }) => path)).not.toContain('/order');
});

test('minutes are no wrong clock, nor is a page’s time, nor an answer that a cache kept', async () => {
  for (const [ms, headers] of [
    [59 * 60_000, {}],
    [-59 * 60_000, {}],
    [-3 * 3_600_000, { Age: String(3 * 3_600) }],
  ] as const) {
    const date = new Date(Date.now() + ms).toUTCString();
    ca.answers.set('/directory', (o, a) =>
      say(200, ca.directory(), { ...headers, Date: date })(o, a),
    );
    using session = ca.session();
    await session.checkClock();
  }
  ca.answers.delete('/directory');
  ca.answers.set('/order', say(503, 'busy', { Date: new Date(0).toUTCString() }));
  using session = ca.session();
  expect((await refused(session.newOrder(wish))).kind).toBe('busy');
  await session.checkClock();
});

test('a date in Retry-After goes by the Date of the same answer, whatever our clock says', async () => {
  const minute = 60_000;
  const year = 365 * 24 * 60 * minute;
  for (const [theirs, ours] of [
    [-40 * minute, 0],
    [40 * minute, 0],
    [-year, 0],
    [0, year],
  ] as const) {
    const now = Math.floor(Date.now() / 1_000) * 1_000;
    const driven = { ...systemClock, now: () => new Date(now + ours) };
    // An authority in a driven time has no other than that; its Date alone is the machine's.
    const until = new Date(now + theirs + ours + 5 * minute).toUTCString();
    const date = new Date(now + theirs).toUTCString();
    ca.answers.set('/order/1', say(503, 'busy', { Date: date, 'Retry-After': until }));
    using session = ca.session({ clock: driven });
    const { retryAfterMs } = await refused(session.order(`${ca.origin}/order/1`));
    expect(retryAfterMs, `${theirs} ${ours}`).toBe(5 * minute);
  }
});

test('a clock that is driven is not told by an authority that has the machine’s time', async () => {
  const year = 365 * 86_400_000;
  const driven = { ...systemClock, now: () => new Date(Date.now() + year) };
  using session = ca.session({ clock: driven });
  await session.newOrder(wish);
  await session.checkClock();
  // The machine's clock is a year ahead too: that is a wrong one.
  using wrong = ca.session({ clock: driven, machineNow: () => Date.now() + year });
  expect((await refused(wrong.newOrder(wish))).detail).toContain('365 days ahead');
  // By the driven time, while the machine's own is another: an authority that is driven too.
  const date = new Date(Date.now() + year).toUTCString();
  ca.answers.set('/directory', (o, a) => say(200, ca.directory(), { Date: date })(o, a));
  using both = ca.session({ clock: driven });
  await both.checkClock();
});
