import { execFileSync } from 'node:child_process';
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { expect, test } from 'vitest';
import { createCsr } from './certificate-request.js';
import { createKey } from './keys.js';

const kinds = ['p256', 'p384', 'rsa2048'] as const;

test.each(kinds)('openssl reads a request by a key of kind %s as it was meant', async (kind) => {
  const key = await createKey(kind);
  const names = ['example.org', '*.example.org', `${'long-label'.repeat(6)}.example.org`];
  const csr = await createCsr(names, key);
  const openssl = (...words: readonly string[]): string =>
    execFileSync('openssl', ['req', '-noout', ...words], { input: csr, stdio: 'pipe' }).toString();
  const text = openssl('-text', '-verify', '-nameopt', 'RFC2253');
  expect(text).toContain(names.map((name) => `DNS:${name}`).join(', '));
  expect(text).toMatch(/Subject: *\n/);
  expect(text).toContain('Version: 1 (0x0)');
  const spki = createPublicKey(createPrivateKey(key)).export({ type: 'spki', format: 'pem' });
  expect(openssl('-pubkey')).toBe(spki);
});

test('a hundred names, whose length takes three octets', async () => {
  const names = Array.from({ length: 100 }, (_, at) => `${'x'.repeat(60)}.n${at}.example.org`);
  const csr = await createCsr(names, await createKey('p256'));
  const text = execFileSync('openssl', ['req', '-noout', '-text', '-verify'], {
    input: csr,
    stdio: 'pipe',
  }).toString();
  for (const name of names) expect(text).toContain(`DNS:${name}`);
});
