import type { KeyKind, RevocationReason } from '@sixhub/acme';
import type { AgentName, CertificateName } from '@sixhub/protocol';
import type { DnsName } from './dns-name.js';

/** A lineage: the same names renewed again and again. Its newest version is what agents should serve. */
export interface Certificate {
  readonly name: CertificateName;
  readonly names: readonly DnsName[];
  readonly keyKind: KeyKind;
  /** The next version keeps the key of the last one, for who publishes it (TLSA); else each has a new one. */
  readonly reuseKey: boolean;
  /** The machine that makes its keys and keeps them to itself; undefined: the hub makes them. */
  readonly keyOn: AgentName | undefined;
  readonly createdAt: Date;
}

/** One issued certificate, without its private key, which only the vault opens, or which is not here at all. */
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
  /** The only machine that has the private key; undefined: the hub has it. */
  readonly keyOn: AgentName | undefined;
  readonly revoked: Revocation | undefined;
}

export interface Revocation {
  readonly at: Date;
  readonly reason: RevocationReason;
}

/** What follows where the newest version is revoked: services still need one, or the certificate has come to its end. */
export const afterRevocation: Readonly<Record<RevocationReason, 'replace' | 'end'>> = {
  unspecified: 'replace',
  keyCompromise: 'replace',
  superseded: 'replace',
  affiliationChanged: 'end',
  cessationOfOperation: 'end',
};
