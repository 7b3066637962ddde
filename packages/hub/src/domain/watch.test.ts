import { expect, test } from 'vitest';
import type { Verdict } from './delegation.js';
import { parseDnsName } from './dns-name.js';
import { afterLook, isWorthAsking, watchFrom, type Watch } from './watch.js';

const hour = 3_600_000;
const day = 24 * hour;
const start = new Date('2026-11-25T00:00:00Z');
const after = (ms: number): Date => new Date(start.getTime() + ms);
const parsed = parseDnsName('example.org');
if (parsed.kind !== 'name') throw new Error('not a name');
const record = {
  domain: parsed.name,
  name: '_acme-challenge.example.org',
  target: 'a.zone.test',
  seen: 'it is not there at ns1.example.org',
};
const wanted: Verdict = { kind: 'wanted', record, everywhere: true };
const untested: Verdict = { kind: 'untested', record };
const ready: Verdict = { kind: 'ready' };
const none = (): number => 0;
const fresh = (lifetimeMs: number): Watch =>
  watchFrom({ notBefore: start, notAfter: after(lifetimeMs) }, start, none);

test('looked at once a day, more often where a certificate lives days', () => {
  expect(fresh(90 * day).lookAt).toEqual(after(day));
  expect(fresh(160 * hour).lookAt).toEqual(after(16 * hour));
});

test('one look that misses it is doubted soon after, two are told, once; then that it is back', () => {
  const first = afterLook(fresh(90 * day), wanted, after(day), none);
  expect(first).toMatchObject({ news: undefined, watch: { state: 'doubted', since: after(day) } });
  expect(first.watch.lookAt).toEqual(after(day + hour / 2));
  const second = afterLook(first.watch, wanted, after(day + hour / 2), none);
  expect(second).toMatchObject({
    news: 'gone',
    watch: { state: 'gone', since: after(day), seen: record.seen },
  });
  const third = afterLook(second.watch, wanted, after(day + 4 * hour), none);
  expect(third.news).toBeUndefined();
  const back = afterLook(third.watch, ready, after(2 * day), none);
  expect(back).toMatchObject({ news: 'back', watch: { state: 'there', since: after(2 * day) } });
  expect(afterLook(first.watch, ready, after(2 * day), none).news).toBeUndefined();
});

test('no answer is no absence', () => {
  for (const watch of [
    fresh(90 * day),
    afterLook(fresh(90 * day), wanted, after(day), none).watch,
  ]) {
    const look = afterLook(watch, untested, after(2 * day), none);
    expect(look).toMatchObject({ news: undefined, watch: { state: watch.state } });
    expect(look.watch.lookAt).toEqual(after(2 * day + 3 * hour));
  }
});

test('an authority that saw it is asked for what is not seen from here, and not for what is gone', () => {
  const watch = fresh(90 * day);
  const gone: Watch = { ...watch, state: 'gone' };
  const bySome: Verdict = { kind: 'wanted', record, everywhere: false };
  expect(isWorthAsking(undefined, untested, 9 * day), 'never seen').toBe(false);
  expect(isWorthAsking(watch, untested, 0)).toBe(true);
  expect(isWorthAsking(gone, untested, 0)).toBe(false);
  expect(isWorthAsking(gone, untested, day)).toBe(true);
  expect(isWorthAsking(watch, bySome, 0)).toBe(false);
  expect(isWorthAsking(watch, bySome, day)).toBe(true);
  expect(isWorthAsking(watch, wanted, 9 * day)).toBe(false);
});
