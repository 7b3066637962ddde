import { describe, expect, it } from 'vitest';
import { allServe, describeMisses, type Sight } from './look.js';

describe('what was seen', () => {
  const look = {
    endpoint: { protocol: 'tls' as const, host: '::1', port: 443 },
    servername: 'www.example.org',
  };
  const served = (fingerprint: string): Sight => ({
    look,
    seen: { kind: 'served', fingerprint, notAfter: new Date('2026-06-01T12:00:00.000Z') },
  });
  const refused: Sight = { look, seen: { kind: 'unreachable', why: 'connection refused' } };

  it('counts only where everything showed it, and nothing is no proof', () => {
    expect(allServe([served('a'), served('a')], 'a')).toBe(true);
    expect(allServe([served('a'), served('b')], 'a')).toBe(false);
    expect(allServe([served('a'), refused], 'a')).toBe(false);
    expect(allServe([], 'a')).toBe(false);
  });
  it('is told for what differs', () => {
    expect(describeMisses([served('a'), refused, served('0123456789')], 'a', 'none')).toBe(
      '[::1]:443 (www.example.org): connection refused; ' +
        '[::1]:443 (www.example.org) serves another certificate, 01234567…, valid until 2026-06-01',
    );
  });
});
