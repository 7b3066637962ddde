import type { ListenAddress } from '../domain/listen-address.js';
import type { CertificatePaths } from './certificate-files.js';
import type { AddressSource } from './client-address.js';

export interface HttpOptions {
  readonly listen: readonly ListenAddress[];
  /** `guarded` asks for an address in `registrationNetworks` or a token of `registrationTokens`. */
  readonly registration: 'open' | 'guarded' | 'off';
  readonly registrationNetworks?: readonly string[];
  readonly registrationTokens?: readonly string[];
  /** Registrations that one network (/24, /56) may make in a minute; 0 is no limit. */
  readonly registrationsPerMinute?: number;
  /** Origins of web pages that may use the API; `*` is all. */
  readonly corsOrigins?: readonly string[];
  readonly clientAddress?: AddressSource;
  /** A new certificate is used without dropping a connection. */
  readonly tls?: TlsSource;
}

export type TlsSource =
  /** PEM files that somebody else renews; they are watched. */
  | ({ readonly kind: 'files' } & CertificatePaths)
  /** Obtained through this server for its own zone; until then TLS handshakes fail. */
  | {
      readonly kind: 'authority';
      readonly directoryUrl: string;
      readonly contact: readonly string[];
      readonly cache: string;
      readonly trust?: string;
    };
