import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { readArchive, writeArchive } from './archive.js';

const at = new Date('2026-11-25T00:00:00Z');

function written(...sizes: readonly number[]): Buffer {
  const entries = sizes.map((size, index) => ({
    name: `file-${index}`,
    mode: 0o600,
    content: randomBytes(size),
  }));
  return Buffer.concat([...writeArchive(entries, at)]);
}

test.each([0, 1, 511, 512, 513, 100_000])('a file of %i bytes comes back', (size) => {
  const [entry] = readArchive(written(size, 7));
  expect(entry?.content).toHaveLength(size);
  expect(entry?.mode).toBe(0o600);
});

test('what is cut anywhere is no archive', () => {
  const whole = written(600, 20);
  for (let length = 0; length < whole.length - 1_024; length += 64) {
    expect(() => readArchive(whole.subarray(0, length)), `${length}`).toThrow('no archive');
  }
});

test('a header that was changed is no archive', () => {
  const whole = written(600);
  whole[125] = 0x37;
  expect(() => readArchive(whole)).toThrow('no archive');
});
