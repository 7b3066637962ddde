import { expect, test } from 'vitest';
import { isOverdue, lifeOf, stateAt } from './signature-life.js';
import { DomainName } from './domain-name.js';
import type { SignatureFields } from './record-fields.js';

const day = 86_400;
const now = new Date('2026-11-24T12:00:00Z');
const current = now.getTime() / 1_000;

function signature(inception: number, expiration: number): SignatureFields {
  return {
    ...{ kind: 'signature', covered: 1, algorithm: 13, labels: 2, originalTtl: 60, keyTag: 1 },
    ...{ inception: inception >>> 0, expiration: expiration >>> 0 },
    ...{ signer: DomainName.ofWire(Uint8Array.of(0)), signature: new Uint8Array() },
  };
}

test('its seconds are modulo 2^32: after 2106 they begin anew', () => {
  const late = new Date((2 ** 32 + 10) * 1_000);
  const life = lifeOf(signature(2 ** 32 - 100, 2 ** 32 + 100), late);
  expect([life.begins, life.ends].map((at) => at.getTime() / 1_000)).toEqual([
    2 ** 32 - 100,
    2 ** 32 + 100,
  ]);
  expect(stateAt(life, late)).toBe('in time');
});

test.each([
  [30, 3, false],
  [30, 1.9, true],
  [14, 1.5, false], // a tenth of its life is what Knot waits for
  [14, 1.3, true],
  [2, 1, false], // signed with the answer
  [0.25, 0.1, false],
])('of %d days %d left: overdue is %s', (days, left, overdue) => {
  const ends = current + left * day;
  expect(isOverdue(lifeOf(signature(ends - days * day, ends), now), now)).toBe(overdue);
});
