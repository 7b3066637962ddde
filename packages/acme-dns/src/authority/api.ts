import type { Clock } from '@sixhub/base';
import type { ListenAddress } from '../domain/listen-address.js';
import { HttpApi } from '../http/http-api.js';
import type { HttpOptions } from '../http/http-options.js';
import type { Pace } from '../http/pace.js';
import type { Log } from '../ports.js';
import type { Registry } from '../registry.js';
import { ApiCertificate } from './api-certificate.js';

export interface ApiParts {
  readonly registry: Registry;
  readonly log: Log;
  readonly clock: Clock;
  readonly pace: Pace;
  /** Answers these values at _acme-challenge below the zone; none takes them away. */
  readonly publish: (values: readonly string[]) => Promise<void>;
}

/** The HTTP API together with what keeps its certificate. */
export class Api implements AsyncDisposable {
  private readonly http: HttpApi;
  /** None where it was opened without TLS. */
  private readonly certificate: ApiCertificate | undefined;

  private constructor(http: HttpApi, certificate: ApiCertificate | undefined) {
    this.http = http;
    this.certificate = certificate;
  }

  static async open(options: HttpOptions, domain: string, parts: ApiParts): Promise<Api> {
    const { tls } = options;
    if (tls === undefined) return new Api(await HttpApi.open({ ...parts, options }), undefined);
    // Before the first connection: whoever comes at once must not be turned away.
    const pair = await ApiCertificate.current(tls);
    const http = await HttpApi.open({ ...parts, options, ...(pair === undefined ? {} : { pair }) });
    const certificate = new ApiCertificate({ ...parts, use: (next) => http.use(next) });
    await certificate.keep(tls, domain);
    return new Api(http, certificate);
  }

  get addresses(): readonly ListenAddress[] {
    return this.http.addresses;
  }

  get counts(): ReadonlyMap<string, number> {
    return this.http.counts;
  }

  /** Everything but addresses and whether it speaks TLS. Throws, and changes nothing, where a certificate is unusable. */
  async configure(options: HttpOptions, domain: string): Promise<void> {
    if (options.tls !== undefined && this.certificate !== undefined) {
      const pair = await ApiCertificate.current(options.tls);
      if (pair !== undefined) this.http.use(pair);
      await this.certificate.keep(options.tls, domain);
    }
    this.http.configure(options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.certificate?.[Symbol.asyncDispose]();
    await this.http[Symbol.asyncDispose]();
  }
}
