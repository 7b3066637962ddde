import { expect, test } from 'vitest';
import { Network } from './network.js';
import { RateLimiter } from './rate-limit.js';

const limits = {
  perSecond: 10,
  slip: 2,
  exempt: [Network.parse('127.0.0.0/8')].flatMap((n) => n ?? []),
};

test('a network gets its share, then every second answer truncated, then its share again', () => {
  const limiter = new RateLimiter(limits);
  const verdicts = Array.from({ length: 14 }, (_, at) => limiter.judge(`192.0.2.${at}`, 5_000));
  expect(verdicts.slice(0, 10)).toEqual(Array(10).fill('send'));
  expect(verdicts.slice(10)).toEqual(['drop', 'slip', 'drop', 'slip']);
  expect(limiter.judge('198.51.100.1', 5_000)).toBe('send');
  expect(limiter.judge('192.0.2.1', 6_000)).toBe('send');
});

test('exempt networks are never limited, IPv4 in IPv6 clothes neither', () => {
  const limiter = new RateLimiter(limits);
  const all = Array.from({ length: 50 }, () => limiter.judge('::ffff:127.0.0.1', 0));
  expect(new Set(all)).toEqual(new Set(['send']));
});
