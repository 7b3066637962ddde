import type { Clock } from '@sixhub/base';
import { CertificateFiles, type PemPair } from '../http/certificate-files.js';
import type { TlsSource } from '../http/http-options.js';
import { keptPair } from '../http/kept-pair.js';
import type { Log } from '../ports.js';
import { OwnCertificate } from './own-certificate.js';

export interface ApiCertificateOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Answers these values at _acme-challenge below the zone; none takes them away. */
  readonly publish: (values: readonly string[]) => Promise<void>;
  readonly use: (pair: PemPair) => void;
}

/** Keeps the API's certificate fresh from where the configuration says, and changes over when that changes. */
export class ApiCertificate implements AsyncDisposable {
  private readonly options: ApiCertificateOptions;
  private keeper: AsyncDisposable | undefined;
  private kept = '';

  constructor(options: ApiCertificateOptions) {
    this.options = options;
  }

  /** What is there now: undefined where it has yet to be obtained. Throws where files are named that can't be used. */
  static current(tls: TlsSource): Promise<PemPair | undefined> {
    switch (tls.kind) {
      case 'files':
        return CertificateFiles.read(tls);
      case 'authority':
        return keptPair(tls.cache);
      default:
        return tls satisfies never;
    }
  }

  async keep(tls: TlsSource, domain: string): Promise<void> {
    const wanted = JSON.stringify([tls, domain]);
    if (wanted === this.kept) return;
    await this[Symbol.asyncDispose]();
    this.kept = wanted;
    this.keeper = this.keeperOf(tls, domain);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.keeper?.[Symbol.asyncDispose]();
  }

  private keeperOf(tls: TlsSource, domain: string): AsyncDisposable {
    const { clock, log, publish, use } = this.options;
    switch (tls.kind) {
      case 'files':
        return CertificateFiles.watch(tls, clock, log, use);
      case 'authority':
        return new OwnCertificate({ ...tls, domain, clock, log, publish }, use);
      default:
        return tls satisfies never;
    }
  }
}
