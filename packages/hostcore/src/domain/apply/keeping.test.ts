import { expect, test } from 'vitest';
import { spent } from './keeping.js';
import type { ApplyRecord, Phase } from './record.js';

const now = new Date('2026-11-26T03:00:00Z');

function record(number: number, phase: Phase, daysAgo: number): ApplyRecord {
  return {
    ...{ number, phase, kind: 'apply', host: 'merlin', config: '/etc/sixhub/host.toml' },
    ...{ began: new Date(now.getTime() - daysAgo * 86_400_000).toISOString(), boot: '' },
    ...{ runner: { pid: 1, start: 1 }, countdown: undefined, activeAt: undefined, why: undefined },
    ...{ commands: [], packages: [], users: [] },
  };
}

const many = (count: number, phase: Phase, daysAgo: number, from = 1): readonly ApplyRecord[] =>
  Array.from({ length: count }, (_, index) => record(from + index, phase, daysAgo));

test('of what is in force the newest twenty stay, however old', () => {
  expect(spent(many(20, 'confirmed', 900), now)).toEqual([]);
  expect(spent(many(23, 'confirmed', 900), now)).toEqual([1, 2, 3]);
});

test('what was taken back goes with its month, and pushes out nothing that is in force', () => {
  const records = [...many(3, 'confirmed', 400), ...many(50, 'undone', 31, 4)];
  expect(spent(records, now)).toEqual(Array.from({ length: 49 }, (_, index) => index + 4));
});

test('a month is kept whole, whatever the number', () => {
  expect(spent(many(200, 'undone', 29), now)).toEqual([]);
});

test('the newest stays, and so does one that nobody has settled', () => {
  expect(spent(many(1, 'undone', 99), now)).toEqual([]);
  expect(spent([record(1, 'waiting', 99), record(2, 'undone', 99)], now)).toEqual([]);
  expect(spent([], now)).toEqual([]);
});

test('one in force on the way back to an older one stays, though the clock was wrong when it began', () => {
  const wrong = record(2, 'confirmed', 20_000);
  const records = [record(1, 'confirmed', 9), wrong, ...many(22, 'confirmed', 1, 3)];
  expect(spent(records, now)).toEqual([]);
});
