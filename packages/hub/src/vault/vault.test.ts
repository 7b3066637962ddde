import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { createVault } from './vault.js';

test('what is sealed for a row opens for that row and key alone', () => {
  const vault = createVault(randomBytes(32));
  const sealed = vault.seal('version:1', 'a private key');
  expect(vault.unseal('version:1', sealed)).toBe('a private key');
  expect(Buffer.from(sealed).includes('a private key')).toBe(false);
  expect(() => vault.unseal('version:2', sealed)).toThrow('version:2 does not open');
  expect(() => createVault(randomBytes(32)).unseal('version:1', sealed)).toThrow('does not open');
  const changed = Uint8Array.from(sealed);
  changed[sealed.length - 1] = (changed[sealed.length - 1] ?? 0) ^ 1;
  expect(() => vault.unseal('version:1', changed)).toThrow('does not open');
});

test('the same secret never looks the same twice', () => {
  const vault = createVault(randomBytes(32));
  expect(vault.seal('row', 'secret')).not.toEqual(vault.seal('row', 'secret'));
});
