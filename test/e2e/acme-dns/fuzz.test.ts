import { expect, test } from 'vitest';
import { fuzzAcmeDns } from '../../fuzz/fuzz.js';

// The long form is `npm run fuzz -- acme-dns`.
test('mutated packets and bodies: answered as RFC 8906 asks, no crash, no hang, no growth', async () => {
  const { answered, silent, grownMegabytes } = await fuzzAcmeDns(30_000, 20_261_124);
  expect(answered).toBeGreaterThan(20_000);
  expect(silent).toBeGreaterThan(100);
  expect(grownMegabytes).toBeLessThan(60);
});
