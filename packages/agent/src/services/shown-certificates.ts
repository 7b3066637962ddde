import type { ReaderParts } from './reader-parts.js';
import { lastOfEachKind, shownOfCertificate, type Shown } from './served-files.js';

/**
 * OpenSSL holds one certificate for each type of key in a context, and the last that is loaded stays
 * (SSL_CTX_use_certificate(3)). Of several files, these are what clients see, each client by the keys that it can verify.
 * A file that can't be read is no answer, so it is none of them. Each file is read once.
 */
export function lastOfEachKeyType(
  files: ReaderParts['files'],
): (paths: readonly string[]) => Promise<readonly string[]> {
  const known = new Map<string, Promise<Shown>>();
  const shownOf = (path: string): Promise<Shown> => {
    const shown = known.get(path) ?? readShown(files, path);
    known.set(path, shown);
    return shown;
  };
  return async (paths) => {
    if (paths.length < 2) return paths;
    const shown = await Promise.all(paths.map(shownOf));
    return lastOfEachKind(shown.filter(({ keyType }) => keyType !== undefined)).map(
      ({ path }) => path,
    );
  };
}

async function readShown(files: ReaderParts['files'], path: string): Promise<Shown> {
  const text = await files.read(path).catch(() => undefined); // what is wrong with it, the service's own check says
  return shownOfCertificate({ path, text });
}
