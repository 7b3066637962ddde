import { describe, expect, it } from 'vitest';
import type { Sight } from './look.js';
import { votersOf } from './voters.js';

const old = { fingerprint: 'old' };

function shows(...fingerprints: readonly string[]): readonly Sight[] {
  return fingerprints.map((fingerprint, at) => ({
    look: {
      endpoint: { protocol: 'tls' as const, host: '::1', port: 443 + at },
      servername: undefined,
    },
    seen: { kind: 'served', fingerprint, notAfter: new Date('2026-06-01T13:00:00.000Z') },
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
