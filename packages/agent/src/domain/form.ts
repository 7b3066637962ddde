/** The forms in which a copy of a certificate's files can be kept. */
export const formNames = [
  /** Chain, then key, in one file: HAProxy. */
  'joined',
  /** Key, then chain, in one file: Postfix's smtpd_tls_chain_files. */
  'joined-key-first',
  'fullchain',
  'cert',
  'chain',
  'privkey',
  /** The leaf alone, as DER. */
  'der',
  /** The key as unencrypted PKCS#8, as DER. */
  'der-key',
  /** PKCS#12 with AES-256 and PBKDF2: Windows from 10 (1709) and Server 2019 on. */
  'pkcs12',
  /** PKCS#12 with 3DES and SHA-1, for what reads nothing newer. */
  'pkcs12-3des',
  'jks',
] as const;
export type FormName = (typeof formNames)[number];

interface FormRow {
  /** The private key is in it. */
  readonly key: boolean;
  /** It is locked by a password, and salted: no two of it are alike. */
  readonly locked: boolean;
}

const rows: Readonly<Record<FormName, FormRow>> = {
  joined: { key: true, locked: false },
  'joined-key-first': { key: true, locked: false },
  fullchain: { key: false, locked: false },
  cert: { key: false, locked: false },
  chain: { key: false, locked: false },
  privkey: { key: true, locked: false },
  der: { key: false, locked: false },
  'der-key': { key: true, locked: false },
  pkcs12: { key: true, locked: true },
  'pkcs12-3des': { key: true, locked: true },
  jks: { key: true, locked: true },
};

export function holdsKey(form: FormName): boolean {
  return rows[form].key;
}

export function isLocked(form: FormName): boolean {
  return rows[form].locked;
}
