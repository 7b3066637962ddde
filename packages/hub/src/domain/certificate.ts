import type { KeyKind } from '@sixhub/acme';
import type { CertificateName } from '@sixhub/protocol';
import type { DnsName } from './dns-name.js';

/** A lineage: the same names renewed again and again. Its newest version is what agents should serve. */
export interface Certificate {
  readonly name: CertificateName;
  readonly names: readonly DnsName[];
  readonly keyKind: KeyKind;
  readonly createdAt: Date;
}

/** One issued certificate, without its private key, which only the vault opens. */
export interface Version {
  readonly id: string;
  readonly certificate: CertificateName;
  /** SHA-256 of the DER, lower-case hexadecimal. */
  readonly fingerprint: string;
  readonly serial: string;
  readonly issuer: string;
  readonly authority: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly issuedAt: Date;
  /** The leaf, PEM. */
  readonly leaf: string;
  /** The issuers, PEM. */
  readonly chain: string;
}
