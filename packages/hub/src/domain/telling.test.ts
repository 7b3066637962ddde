import { expect, test } from 'vitest';
import type { Alert } from './alert.js';
import { whatToTell, type KnownAlert, type News } from './telling.js';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const start = Date.parse('2027-01-01T00:00:00Z');
const policy = { groupMs: 10 * minute, remindMs: 7 * day };

function alertOf(name: string, change: Partial<Alert> = {}): Alert {
  return {
    ...{ id: `agent:${name}`, kind: 'agent', subject: name, severity: 'warning', level: 0 },
    ...{ cause: 'agent', since: new Date(start), endsAt: undefined },
    ...{ headline: `${name} is silent`, fact: 'silent', fix: 'Look.' },
    ...change,
  };
}

/** A hub's memory, looked at again and again. */
function memory() {
  let known: readonly KnownAlert[] = [];
  let lastAt: Date | undefined;
  const messages: (readonly string[])[] = [];
  const look = (at: number, standing: readonly Alert[]): readonly string[] => {
    const now = new Date(start + at);
    const telling = whatToTell(standing, known, policy, lastAt, now);
    known = telling.known;
    const told = telling.news.map(({ news, alert }: News) => `${news} ${alert.subject}`);
    if (told.length > 0) {
      lastAt = now;
      messages.push(told);
    }
    return told;
  };
  /** Looks every minute, up to and with `to`. */
  const pass = (from: number, to: number, standing: readonly Alert[]): void => {
    for (let at = from; at <= to; at += minute) look(at, standing);
  };
  return {
    look,
    pass,
    messages,
    get known() {
      return known;
    },
    silence(until: number) {
      known = known.map((one) => ({ ...one, silencedUntil: new Date(start + until) }));
    },
  };
}

test('what passes within the grouping time is never told', () => {
  const hub = memory();
  hub.pass(0, 9 * minute, [alertOf('a')]);
  hub.pass(10 * minute, 3 * hour, []);
  expect(hub.messages).toEqual([]);
  expect(hub.known).toEqual([]);
});

test('what stands is told once, reminded of once a week, and told when it is over', () => {
  const hub = memory();
  hub.pass(0, 15 * day, [alertOf('a')]);
  expect(hub.messages).toEqual([['new a'], ['reminder a'], ['reminder a']]);
  hub.pass(15 * day, 15 * day + 9 * minute, []);
  expect(hub.messages).toHaveLength(3);
  hub.pass(15 * day + 10 * minute, 30 * day, []);
  expect(hub.messages.slice(3)).toEqual([['over a']]);
  expect(hub.known, 'and forgotten').toEqual([]);
});

test('what began within the grouping time goes into the same message', () => {
  const hub = memory();
  const hundred = Array.from({ length: 100 }, (_, index) => alertOf(`a${index}`));
  for (let at = 0; at < 10; at++) hub.look(at * minute, hundred.slice(0, (at + 1) * 10));
  hub.pass(10 * minute, day, hundred);
  expect(hub.messages.map((told) => told.length)).toEqual([100]);
});

test('worse is told again at once when it is critical, and never twice', () => {
  const hub = memory();
  hub.pass(0, hour, [alertOf('a')]);
  const worse = alertOf('a', { level: 1, severity: 'critical', cause: 'agent 1' });
  hub.pass(hour, 6 * hour, [worse]);
  expect(hub.messages).toEqual([['new a'], ['worse a']]);
});

test('a cause that is told does not tell each further one by itself', () => {
  const hub = memory();
  const cause = { kind: 'certificate', cause: 'certificate 0 unreachable first' } as const;
  const standing: Alert[] = [];
  for (let at = 0; at < 24; at++) {
    standing.push(alertOf(`c${at}`, { ...cause, id: `certificate:c${at}` }));
    hub.pass(at * hour, (at + 1) * hour - minute, standing);
  }
  expect(hub.messages.map((told) => told.length)).toEqual([1]);
  hub.pass(day, 2 * day, standing);
  expect(hub.messages.map((told) => told.length)).toEqual([1, 23]);
});

test('what comes and goes every two hours is told once a day', () => {
  const hub = memory();
  for (let at = 0; at < 5 * day; at += 4 * hour) {
    hub.pass(at, at + 2 * hour, [alertOf('a')]);
    hub.pass(at + 2 * hour + minute, at + 4 * hour - minute, []);
  }
  const told = hub.messages.flat();
  expect(told.filter((one) => one === 'new a').length).toBeLessThanOrEqual(5);
  expect(told.filter((one) => one === 'over a').length).toBeLessThanOrEqual(5);
  expect(told[0]).toBe('new a');
});

test('what goes on after a short absence was never over', () => {
  const hub = memory();
  hub.pass(0, hour, [alertOf('a')]);
  hub.pass(hour, hour + 5 * minute, []);
  hub.pass(hour + 6 * minute, day, [alertOf('a')]);
  expect(hub.messages).toEqual([['new a']]);
});

test('silenced: nothing is told, and what is over then is forgotten', () => {
  const hub = memory();
  hub.pass(0, minute, [alertOf('a')]);
  hub.silence(10 * day);
  hub.pass(2 * minute, 9 * day, [alertOf('a')]);
  expect(hub.messages).toEqual([]);
  hub.pass(10 * day, 11 * day, [alertOf('a')]);
  expect(hub.messages).toEqual([['new a']]);
  hub.silence(20 * day);
  hub.pass(11 * day, 12 * day, []);
  expect(hub.messages).toHaveLength(1);
  expect(hub.known).toEqual([]);
});

test('a clock that was a year ahead and is set right holds nothing up', () => {
  const hub = memory();
  hub.pass(365 * day, 365 * day + hour, [alertOf('a')]);
  expect(hub.messages).toEqual([['new a']]);
  hub.pass(0, 2 * hour, []);
  expect(hub.messages).toEqual([['new a'], ['over a']]);
});
