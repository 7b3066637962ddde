import { X509Certificate } from 'node:crypto';
import { basename } from 'node:path';

/** A file that a configuration names, with its text where it could be read. */
export interface NamedFile {
  readonly path: string;
  readonly text: string | undefined;
}

/** A file whose certificate a server shows, and for which kind of key: it shows one of each kind. */
export interface Shown {
  readonly path: string;
  readonly keyType: string | undefined;
}

/** A file with one certificate, which comes first, and the chain behind it. */
export function shownOfCertificate({ path, text }: NamedFile): Shown {
  const first = text === undefined ? undefined : blocksOf(text).find(isCertificate);
  return { path, keyType: first === undefined ? undefined : keyTypeOf(first) };
}

/**
 * Files that, one after the other, hold each key directly before its certificate and chain, as Postfix's
 * smtpd_tls_chain_files: shown is what follows a key. A file that can't be read is judged by its name, since one that
 * is not there yet is soon to be.
 */
export function shownOfChain(files: readonly NamedFile[]): readonly Shown[] {
  const shown: Shown[] = [];
  let afterKey = false;
  for (const { path, text } of files) {
    if (text === undefined) {
      afterKey = /key/i.test(basename(path));
      if (!afterKey) shown.push({ path, keyType: undefined });
      continue;
    }
    for (const block of blocksOf(text)) {
      if (isCertificate(block) && afterKey) shown.push({ path, keyType: keyTypeOf(block) });
      afterKey = !isCertificate(block);
    }
  }
  return shown;
}

/** OpenSSL keeps one certificate of each key type: the last one that it was given. */
export function lastOfEachKind<T extends Shown>(shown: readonly T[]): readonly T[] {
  const kept = new Map<string, T>();
  for (const one of shown) kept.set(one.keyType ?? one.path, one);
  return [...kept.values()].filter(
    (one, at, all) => all.findIndex(({ path }) => path === one.path) === at,
  );
}

/** Keys and certificates, in their order; parameters of curves, requests and comments are none. */
function blocksOf(pem: string): readonly string[] {
  const found = pem.matchAll(
    /-----BEGIN ((?:[A-Z0-9]+ )?PRIVATE KEY|(?:TRUSTED |X509 )?CERTIFICATE)-----[\s\S]*?-----END \1-----/g,
  );
  return [...found].map(([block]) => block);
}

function isCertificate(block: string): boolean {
  return /^-----BEGIN [A-Z0-9 ]*CERTIFICATE/.test(block);
}

function keyTypeOf(certificate: string): string | undefined {
  try {
    return new X509Certificate(certificate).publicKey.asymmetricKeyType;
  } catch {
    return undefined; // damaged: the service's own check has the word on it
  }
}
