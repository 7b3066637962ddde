import { describe, expect, it } from 'vitest';
import { later, noon, sampleVersion, sampleWanted } from '../testing/samples.js';
import { votersOf, wayBack } from './vote.js';
import type { Sight } from './look.js';

const old = sampleVersion();
const wanted = sampleWanted({ revoked: ['revoked'] });

function shows(...fingerprints: readonly string[]): readonly Sight[] {
  return fingerprints.map((fingerprint, at) => ({
    look: {
      endpoint: { protocol: 'tls' as const, host: '::1', port: 443 + at },
      servername: undefined,
    },
    seen: { kind: 'served', fingerprint, notAfter: later(1) },
  }));
}

describe('a vote to go back', () => {
  it('has each connection that showed the version before, whatever the others did', () => {
    expect(votersOf(shows(old.fingerprint, old.fingerprint), old)).toEqual([
      '[::1]:443',
      '[::1]:444',
    ]);
    expect(votersOf(shows(old.fingerprint, 'another'), old)).toEqual(['[::1]:443']);
    expect(votersOf(shows('another'), old)).toEqual([]);
    expect(votersOf([], old)).toEqual([]);
  });
});

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
