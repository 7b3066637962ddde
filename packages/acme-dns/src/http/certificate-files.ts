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
 * A certificate in two files that somebody else renews. They are looked at by time and size, not by inotify, since
 * certbot changes a symlink in another directory; a pair that does not fit (half of a renewal) is tried again.
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
      createSecureContext(pair); // throws where key and certificate do not belong together
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
        try {
          changed(await CertificateFiles.read(paths));
          seen = now;
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

async function state({ key, chain }: CertificatePaths): Promise<string> {
  const parts = await Promise.all(
    [key, chain].map((path) =>
      stat(path).then(
        ({ mtimeMs, size, ino }) => `${mtimeMs} ${size} ${ino}`,
        () => 'missing',
      ),
    ),
  );
  return parts.join();
}
