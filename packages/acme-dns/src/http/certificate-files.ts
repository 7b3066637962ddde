import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { errorText, exitCodes, SixhubError, type Clock } from '@sixhub/base';
import type { Log } from '../ports.js';

export interface CertificatePaths {
  readonly key: string;
  readonly chain: string;
}

export interface PemPair {
  readonly key: string;
  readonly cert: string;
}

const everyMs = 5_000;

/**
 * A certificate in two files that somebody else renews. They are looked at by time of change and size, not by inotify, since
 * certbot changes a symlink in another directory; after a pair that does not fit (half of a renewal) the next change
 * is tried.
 */
export class CertificateFiles implements AsyncDisposable {
  private readonly stop = new AbortController();
  private readonly done: Promise<void>;

  private constructor(watching: (signal: AbortSignal) => Promise<void>) {
    this.done = watching(this.stop.signal);
  }

  static async read(paths: CertificatePaths): Promise<PemPair> {
    try {
      const pair = {
        key: await readFile(paths.key, 'utf8'),
        cert: await readFile(paths.chain, 'utf8'),
      };
      checkPair(pair);
      return pair;
    } catch (error) {
      throw new SixhubError({
        code: 'certificate-unusable',
        fact: `the API's certificate (${paths.chain}, ${paths.key}) can't be used: ${errorText(error)}`,
        hint: 'Both must be PEM, belong together and be readable for the user that runs this.',
        exit: exitCodes.usage,
        cause: error,
      });
    }
  }

  static watch(
    paths: CertificatePaths,
    clock: Clock,
    log: Log,
    changed: (pair: PemPair) => void,
  ): CertificateFiles {
    return new CertificateFiles(async (signal) => {
      let seen = await state(paths);
      while (!signal.aborted) {
        await clock.sleep(everyMs, signal).catch(() => undefined); // closing ends the wait
        const now = await state(paths);
        if (signal.aborted || now === seen) continue;
        seen = now;
        try {
          changed(await CertificateFiles.read(paths));
          log.info({ chain: paths.chain }, "the API's certificate was replaced");
        } catch (error) {
          log.warn({ error: errorText(error) }, 'the old certificate stays in use');
        }
      }
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop.abort();
    await this.done;
  }
}

/** Throws where key and certificate do not belong together, or one is none. */
export function checkPair(pair: PemPair): void {
  // An empty text, as a write under way leaves it, is "none was given" for TLS, and no fault.
  const key = createPrivateKey(pair.key);
  if (!new X509Certificate(pair.cert).checkPrivateKey(key))
    throw new Error('the key is of another certificate');
  createSecureContext(pair); // and the rest of the chain
}

async function state({ key, chain }: CertificatePaths): Promise<string> {
  const parts = await Promise.all(
    [key, chain].map((path) =>
      stat(path).then(
        ({ ctimeMs, size, ino }) => `${ctimeMs} ${size} ${ino}`,
        () => 'missing',
      ),
    ),
  );
  return parts.join();
}
