import type { RenewalInfo } from '@sixhub/acme';
import { certificateName } from '@sixhub/protocol';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Version } from './certificate.js';
import { planRenewals } from './planner.js';
import {
  lookAt,
  planVersion,
  renewalInfoFailed,
  withoutRenewalInfo,
  withRenewalInfo,
  type Renewal,
} from './renewal.js';

const hour = 3_600_000;
const day = 24 * hour;
const issued = new Date('2026-11-24T00:00:00Z');
const after = (ms: number): Date => new Date(issued.getTime() + ms);

function version(lifetimeMs: number, notBefore = issued): Version {
  return {
    id: 'one',
    certificate: certificateName.parse('example.org'),
    fingerprint: '',
    serial: '01',
    issuer: 'CA',
    authority: 'first',
    notBefore,
    notAfter: new Date(notBefore.getTime() + lifetimeMs),
    issuedAt: notBefore,
    leaf: '',
    chain: '',
    keyOn: undefined,
    revoked: undefined,
  };
}

function info(startMs: number, endMs: number, retryAfterMs?: number): RenewalInfo {
  return { start: after(startMs), end: after(endMs), explanationUrl: undefined, retryAfterMs };
}

const half = (): number => 0.5;
const planned = (lifetimeMs: number): Renewal => planVersion(version(lifetimeMs), [], issued, half);
const free = (renewal: Renewal, now: Date) =>
  planRenewals([{ renewal, issuing: false, fitsAt: now }], now);

describe('without renewal information', () => {
  test.each([
    [90 * day, 2 / 3],
    [45 * day, 2 / 3],
    [160 * hour, 1 / 2],
    [3 * 60_000, 1 / 2],
  ])('a lifetime of %i ms is renewed by %d of it, at most 1/24 early', (lifetime, share) => {
    for (const random of [0, 0.3, 0.999]) {
      const { renewAt } = planVersion(version(lifetime), [], issued, () => random);
      const at = (renewAt.getTime() - issued.getTime()) / lifetime;
      expect(at).toBeLessThanOrEqual(share + 1e-9);
      expect(at).toBeGreaterThan(share - 1 / 24 - 1e-9);
    }
  });

  test('10,000 issued within one hour are not renewed within one hour', () => {
    const perHour = new Map<number, number>();
    for (let index = 0; index < 10_000; index++) {
      const notBefore = after((index / 10_000) * hour);
      const { renewAt } = planVersion(version(90 * day, notBefore), [], notBefore, Math.random);
      const slot = Math.floor(renewAt.getTime() / hour);
      perHour.set(slot, (perHour.get(slot) ?? 0) + 1);
    }
    expect(Math.max(...perHour.values())).toBeLessThan(250);
  });
});

describe('with renewal information', () => {
  test('an instant inside the window, the same at every later look', () => {
    const first = withRenewalInfo(planned(90 * day), info(59 * day, 61 * day), issued, () => 0.25);
    expect(first.renewAt).toEqual(after(59.5 * day));
    const second = withRenewalInfo(first, info(59 * day, 61 * day), after(day), () => 0.9);
    expect(second.renewAt).toEqual(first.renewAt);
    const moved = withRenewalInfo(first, info(30 * day, 32 * day), after(day), () => 0.5);
    expect(moved.renewAt).toEqual(after(31 * day));
  });

  test('a past window is now, and early in life it means withdrawn, whatever was paused', () => {
    const paused = { ...planned(90 * day), pausedUntil: after(50 * day) };
    const renewal = withRenewalInfo(paused, info(-2 * day, -day), after(day), half);
    expect(renewal).toMatchObject({ renewAt: after(day), because: 'withdrawn' });
    expect(free(renewal, after(day)).renew).toHaveLength(1);
  });

  test('a window near the end is not believed', () => {
    const renewal = withRenewalInfo(planned(90 * day), info(88 * day, 89 * day), issued, half);
    expect(renewal.renewAt).toEqual(after(63 * day));
  });

  test('asked at Retry-After, from a minute to a day, and twice a day where it says nothing', () => {
    const askAfter = (retryAfterMs?: number): number =>
      (withRenewalInfo(
        planned(90 * day),
        info(0, day, retryAfterMs),
        issued,
        () => 0,
      ).askAt?.getTime() ?? 0) - issued.getTime();
    expect(askAfter(6 * hour)).toBe(6 * hour);
    expect(askAfter(0)).toBe(60_000);
    expect(askAfter(7 * day)).toBe(day);
    expect(askAfter()).toBe(12 * hour);
  });

  test('what can not be asked is asked later, and the lifetime still decides', () => {
    const renewal = renewalInfoFailed(planned(90 * day), undefined, issued, () => 0);
    expect(renewal.askAt).toEqual(after(hour));
    expect(renewal.renewAt).toEqual(planned(90 * day).renewAt);
    const hasty = renewalInfoFailed(planned(90 * day), 0, issued, () => 0);
    expect(hasty.askAt).toEqual(after(60_000));
  });

  test('who withdraws what was just issued gets two successors at once, then one a pause', () => {
    const withdrawn = (ages: readonly number[]): boolean => {
      const versions = ages.map((age) => ({ issuedAt: after(-age) }));
      const plan = planVersion(version(90 * day), versions, issued, half);
      const told = withRenewalInfo(plan, info(-2 * day, -day), after(1), half);
      return free(told, after(1)).renew.length > 0;
    };
    expect(withdrawn([0])).toBe(true);
    expect(withdrawn([0, 1])).toBe(true);
    expect(withdrawn([0, 1, 2])).toBe(false);
    expect(withdrawn([0, day, 2 * day])).toBe(false);
    expect(withdrawn([0, day, 4 * day])).toBe(true);
  });

  test('what a person revoked is replaced at once, however many versions there were', () => {
    const revoked = { at: after(1), reason: 'keyCompromise' } as const;
    const versions = [0, 1, 2].map((age) => ({ issuedAt: after(-age) }));
    const plan = planVersion({ ...version(90 * day), revoked }, versions, after(1), half);
    expect(free(plan, after(1)).renew).toHaveLength(1);
  });
});

describe('what is due', () => {
  const due = withoutRenewalInfo(planned(90 * day));

  test('nothing before its time; asked first; then renewed, and not twice', () => {
    expect(free(due, after(30 * day))).toEqual({ ask: [], renew: [], held: [] });
    expect(free(planned(90 * day), issued).ask).toHaveLength(1);
    const [started] = free(due, after(60 * day)).renew;
    expect(started).toBeDefined();
    if (started === undefined) return;
    expect(free(started, after(60 * day + hour)).renew).toEqual([]);
    expect(free(started, after(61 * day)).renew).toHaveLength(1);
  });

  test('an issuance that is unfinished is not begun again', () => {
    const now = after(62 * day);
    const plan = planRenewals([{ renewal: due, issuing: true, fitsAt: now }], now);
    expect(plan.renew).toEqual([]);
    expect(plan.held).toHaveLength(1);
  });

  test('where no authority may be asked, it is held until one may', () => {
    const now = after(62 * day);
    const fitsAt = after(62 * day + 3 * hour);
    const { held } = planRenewals([{ renewal: due, issuing: false, fitsAt }], now);
    expect(held.map(lookAt)).toEqual([fitsAt]);
  });

  test('after any stop, all that was missed is due at once', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 400 }),
        fc.double({ min: 0, max: 0.99, noNaN: true }),
        (days, random) => {
          const renewal = withoutRenewalInfo(
            planVersion(version(days * day), [], issued, () => random),
          );
          expect(free(renewal, after(days * day * 0.67)).renew).toHaveLength(1);
          expect(free(renewal, after(days * day * 3)).renew).toHaveLength(1);
        },
      ),
    );
  });
});
