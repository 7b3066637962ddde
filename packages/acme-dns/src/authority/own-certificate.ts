import { X509Certificate } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createCsr, createKey, openSession, type AuthoritySession } from '@sixhub/acme';
import { errorText, formatDuration, writeWhole, type Clock } from '@sixhub/base';
import type { PemPair } from '../http/certificate-files.js';
import { keptPair } from '../http/kept-pair.js';
import type { Log } from '../ports.js';

export interface OwnCertificateOptions {
  /** The zone, which is also the API's host name. */
  readonly domain: string;
  readonly directoryUrl: string;
  readonly contact: readonly string[];
  /** PEM roots for the authority's own HTTPS, in place of the system's. */
  readonly trust?: string;
  /** Keeps account key, certificate and key over restarts. */
  readonly cache: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Answers these values at _acme-challenge below the zone; none takes them away. */
  readonly publish: (values: readonly string[]) => Promise<void>;
}

/** Failures wait longer each time, and never so long that a certificate of six days would run out. */
const patience = [60_000, 600_000, 3_600_000, 6 * 3_600_000];
const lookEveryMs = 3_600_000;

/**
 * The API's certificate, obtained through this very server for its own zone, and renewed when a third of its life is
 * left. A failure never touches the pair that is in use.
 */
export class OwnCertificate implements AsyncDisposable {
  private readonly options: OwnCertificateOptions;
  private readonly stop = new AbortController();
  private readonly done: Promise<void>;

  constructor(options: OwnCertificateOptions, use: (pair: PemPair) => void) {
    this.options = options;
    this.done = this.keep(use);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop.abort();
    await this.done;
  }

  private async keep(use: (pair: PemPair) => void): Promise<void> {
    const { clock, log, cache } = this.options;
    const { signal } = this.stop;
    let current = await keptPair(cache); // the API has opened with it
    for (let failures = 0; !signal.aborted;) {
      let waitMs = lookEveryMs;
      if (current === undefined || this.isDue(current)) {
        try {
          current = await this.obtain();
          use(current);
          failures = 0;
          log.info({ cache }, "the API's certificate was obtained");
        } catch (error) {
          if (signal.aborted) return;
          waitMs = patience[Math.min(failures++, patience.length - 1)] ?? lookEveryMs;
          const again = formatDuration(waitMs);
          log.error(
            { error: errorText(error) },
            `no certificate for the API, next try in ${again}`,
          );
        }
      }
      await clock.sleep(waitMs, signal).catch(() => undefined); // closing ends the wait
    }
  }

  private isDue({ cert }: PemPair): boolean {
    const { validFrom, validTo } = new X509Certificate(cert);
    const [from, to] = [Date.parse(validFrom), Date.parse(validTo)];
    return to - this.options.clock.now().getTime() < (to - from) / 3;
  }

  /** RFC 8555 §7.4 from order to certificate. */
  private async obtain(): Promise<PemPair> {
    const { domain, cache, directoryUrl, trust, clock, contact } = this.options;
    await mkdir(cache, { recursive: true, mode: 0o700 });
    using session = openSession({
      directoryUrl,
      accountKey: await this.accountKey(),
      clock,
      signal: this.stop.signal,
      ...(trust === undefined ? {} : { trust }),
    });
    await session.register(contact);
    const order = await session.newOrder({ names: [domain] });
    await this.validate(session, order);
    const key = await createKey('p256');
    await session.finalize(await session.validated(order.url), await createCsr([domain], key));
    const cert = await session.download(await session.issued(order.url));
    await writeWhole(join(cache, 'privkey.pem'), key, { mode: 0o600 });
    await writeWhole(join(cache, 'fullchain.pem'), cert, { mode: 0o644 });
    return { key, cert };
  }

  private async validate(
    session: AuthoritySession,
    order: Awaited<ReturnType<AuthoritySession['newOrder']>>,
  ): Promise<void> {
    const pending = (await session.authorizations(order)).filter(
      ({ status }) => status === 'pending',
    );
    const challenges = pending.flatMap(({ challenges: all }) =>
      all.filter(({ type }) => type === 'dns-01'),
    );
    await this.options.publish(
      await Promise.all(challenges.map((one) => session.challengeValue(one))),
    );
    try {
      for (const challenge of challenges) await session.respond(challenge);
      await session.validated(order.url);
    } finally {
      await this.options.publish([]);
    }
  }

  private async accountKey(): Promise<string> {
    const path = join(this.options.cache, 'account.pem');
    try {
      return await readFile(path, 'utf8');
    } catch {
      const key = await createKey('p256'); // the first order
      await writeWhole(path, key, { mode: 0o600 });
      return key;
    }
  }
}
