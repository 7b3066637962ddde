import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { SixhubError } from '@sixhub/base';
import type { Vault } from '../ports.js';

const layout = { version: 1, nonceBytes: 12, tagBytes: 16 } as const;

/** AES-256-GCM (NIST SP 800-38D) with a random nonce; the row's name is the additional data. */
export function createVault(masterKey: Uint8Array): Vault {
  return {
    seal(row, secret) {
      const nonce = randomBytes(layout.nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', masterKey, nonce).setAAD(Buffer.from(row));
      const body = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
      return Buffer.concat([Buffer.of(layout.version), nonce, cipher.getAuthTag(), body]);
    },
    unseal(row, sealed) {
      const tagAt = 1 + layout.nonceBytes;
      const bodyAt = tagAt + layout.tagBytes;
      try {
        if (sealed[0] !== layout.version) throw new Error('unknown layout');
        const decipher = createDecipheriv('aes-256-gcm', masterKey, sealed.subarray(1, tagAt))
          .setAAD(Buffer.from(row))
          .setAuthTag(sealed.subarray(tagAt, bodyAt));
        return decipher.update(sealed.subarray(bodyAt), undefined, 'utf8') + decipher.final('utf8');
      } catch (cause) {
        throw new SixhubError({
          code: 'vault-mismatch',
          fact: `the secret of ${row} does not open with this master key`,
          hint: 'The database belongs to another master key, or was changed by hand. Put the right key file back.',
          cause,
        });
      }
    },
  };
}
