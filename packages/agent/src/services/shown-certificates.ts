import { X509Certificate } from 'node:crypto';
import type { ReaderParts } from './reader-parts.js';

/**
 * OpenSSL holds one certificate for each type of key in a context, and the last that is loaded stays
 * (SSL_CTX_use_certificate(3)). Of several files, these are what clients see, each client by the keys that it can verify.
 * A file that can't be read is no answer, so it is none of them. Each file is read once.
 */
export function lastOfEachKeyType(
  files: ReaderParts['files'],
): (paths: readonly string[]) => Promise<readonly string[]> {
  const types = new Map<string, Promise<string | undefined>>();
  const typeOf = (path: string): Promise<string | undefined> => {
    const known = types.get(path) ?? keyType(files, path);
    types.set(path, known);
    return known;
  };
  return async (paths) => {
    if (paths.length < 2) return paths;
    const last = new Map<string, string>();
    for (const path of paths) {
      const type = await typeOf(path);
      if (type !== undefined) last.set(type, path);
    }
    return [...new Set(last.values())];
  };
}

async function keyType(files: ReaderParts['files'], path: string): Promise<string | undefined> {
  try {
    return new X509Certificate(await files.read(path)).publicKey.asymmetricKeyType;
  } catch {
    return undefined; // what is wrong with it, the service's own check says
  }
}
