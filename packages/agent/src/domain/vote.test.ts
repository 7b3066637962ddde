import { describe, expect, it } from 'vitest';
import { noon, sampleVersion, sampleWanted } from '../testing/samples.js';
import { wayBack } from './vote.js';

const old = sampleVersion();
const wanted = sampleWanted({ revoked: ['revoked'] });

describe('the way back', () => {
  it('is open to another version that is valid', () => {
    expect(wayBack({ kind: 'whole', version: old }, wanted, noon)).toEqual({
      kind: 'open',
      version: old,
    });
  });
  it.each([
    ['an expired one', { kind: 'whole', version: { ...old, notAfter: noon } }, 'expired'],
    [
      'the same one',
      { kind: 'whole', version: { ...old, fingerprint: wanted.fingerprint } },
      'no other',
    ],
    ['a revoked one', { kind: 'whole', version: { ...old, fingerprint: 'revoked' } }, 'is revoked'],
    ['none', { kind: 'absent' }, 'no version before'],
    ['a damaged one', { kind: 'damaged', why: 'torn' }, 'torn'],
  ] as const)('is closed to %s', (_what, previous, words) => {
    expect(wayBack(previous, wanted, noon)).toEqual({
      kind: 'closed',
      why: expect.stringContaining(words),
    });
  });
});
