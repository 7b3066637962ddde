import { createPrivateKey } from 'node:crypto';
import { certificatesOf } from '@sixhub/wire';
import type { FormName } from '../domain/form.js';

/** The four texts of a version, as they lie in its directory. */
export interface PemTexts {
  readonly cert: string;
  readonly chain: string;
  readonly fullchain: string;
  readonly privkey: string;
}

/** The forms that need no other program; undefined for those that do. Throws where a text can't be read. */
export function plainForm(form: FormName, texts: PemTexts): string | Uint8Array | undefined {
  switch (form) {
    case 'joined':
      return texts.fullchain + texts.privkey;
    case 'joined-key-first':
      return texts.privkey + texts.fullchain;
    case 'fullchain':
    case 'cert':
    case 'chain':
    case 'privkey':
      return texts[form];
    case 'der': {
      const [leaf] = certificatesOf(texts.cert);
      if (leaf === undefined) throw new Error('there is no certificate in cert.pem');
      return leaf.raw;
    }
    case 'der-key':
      return createPrivateKey(texts.privkey).export({ format: 'der', type: 'pkcs8' });
    case 'pkcs12':
    case 'pkcs12-3des':
    case 'jks':
      return undefined;
    default:
      return form satisfies never;
  }
}
