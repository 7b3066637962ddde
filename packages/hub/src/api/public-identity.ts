import { createSecureContext, type SecureContext } from 'node:tls';
import { errorText } from '@sixhub/base';
import type { CertificateName } from '@sixhub/protocol';
import type { Version } from '../domain/certificate.js';
import { covers } from '../domain/covers.js';
import type { Log } from '../ports.js';
import type { CertificateStore } from '../store/certificates.js';

/**
 * A certificate of this hub for its own people's API, beside the private one: whoever asks for one of its names (SNI,
 * RFC 6066 §3) is shown its newest version, from the moment when that is stored; everybody else, the private one.
 */
export class PublicIdentity {
  readonly #name: CertificateName;
  readonly #certificates: CertificateStore;
  readonly #log: Log;
  #toldOf: string | undefined;
  #shown: { readonly version: string; readonly context: SecureContext } | undefined;

  constructor(name: CertificateName, certificates: CertificateStore, log: Log) {
    this.#name = name;
    this.#certificates = certificates;
    this.#log = log;
  }

  /** At the start: says why it will not be shown. */
  async check(): Promise<void> {
    const version = await this.#certificates.newest(this.#name);
    if (version?.keyOn !== undefined) this.#tellElsewhere(version);
    if (version !== undefined) return;
    this.#log.warn(
      { certificate: this.#name },
      `the API's own certificate ${this.#name} is not issued yet, so that the private one is shown; make it: hub issue ${this.#name}`,
    );
  }

  /** Once for each version. */
  #tellElsewhere({ id, keyOn }: Version): void {
    if (this.#toldOf === id) return;
    this.#toldOf = id;
    const name = this.#name;
    this.#log.warn(
      { certificate: name, version: id },
      `the private key of the API's own certificate ${name} is on ${keyOn} and never leaves it, so that the private one is shown; have its key made here: hub issue DOMAIN --as ${name} --key-at-hub; or name another certificate under [api] in hub.toml`,
    );
  }

  /** Undefined: the private one. A version that can't be read is no reason to show nobody anything. */
  async contextFor(host: string): Promise<SecureContext | undefined> {
    try {
      const certificate = await this.#certificates.find(this.#name);
      if (certificate === undefined || !covers(certificate.names, host)) return undefined;
      const version = await this.#certificates.newest(this.#name);
      if (version === undefined || version.revoked !== undefined) return undefined;
      if (this.#shown?.version !== version.id) {
        const key = await this.#certificates.privateKey(version.id);
        if (key === undefined) {
          this.#tellElsewhere(version);
          return undefined;
        }
        const cert = `${version.leaf}${version.chain}`;
        this.#shown = {
          version: version.id,
          context: createSecureContext({ key, cert, minVersion: 'TLSv1.2' }),
        };
      }
      return this.#shown.context;
    } catch (error) {
      this.#log.error({ error: errorText(error) }, `the certificate ${this.#name} can't be shown`);
      return undefined;
    }
  }
}
