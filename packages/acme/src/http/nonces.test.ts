import { expect, test } from 'vitest';
import { Nonces } from './nonces.js';

function openNonces() {
  let now = Date.parse('2026-11-25T12:00:00Z');
  const nonces = new Nonces(() => new Date(now));
  return { nonces, pass: (milliseconds: number) => void (now += milliseconds) };
}

test('each is used once, the newest first', () => {
  const { nonces } = openNonces();
  for (const nonce of ['one', 'two']) nonces.keep(nonce);
  expect([nonces.take(), nonces.take(), nonces.take()]).toEqual(['two', 'one', undefined]);
});

test('what is no base64url is not kept (RFC 8555 §6.5.1)', () => {
  const { nonces } = openNonces();
  for (const nonce of [undefined, '', 'a b', 'a=']) nonces.keep(nonce);
  expect(nonces.take()).toBeUndefined();
});

test('old ones are not tried, nor those of a time that is to come', () => {
  for (const moved of [600_000, -600_000]) {
    const { nonces, pass } = openNonces();
    nonces.keep('old');
    pass(moved);
    expect(nonces.take()).toBeUndefined();
  }
});

test('a crowd of answers does not make the pool grow', () => {
  const { nonces } = openNonces();
  for (let count = 0; count < 1_000; count++) nonces.keep(`n${count}`);
  const taken: string[] = [];
  for (let next = nonces.take(); next !== undefined; next = nonces.take()) taken.push(next);
  expect(taken).toHaveLength(64);
  expect(taken[0]).toBe('n999');
});
