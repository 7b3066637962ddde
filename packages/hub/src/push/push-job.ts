import type { CertificateName } from '@sixhub/protocol';
import type { Look } from '@sixhub/wire';
import type { Version } from '../domain/certificate.js';
import type { PushBundle } from './push-host.js';

/** A certificate that is to lie on a host, and to be served there. */
export interface PushJob {
  readonly name: CertificateName;
  readonly version: Version;
  readonly bundle: PushBundle;
  readonly looks: readonly Look[];
  /** Fingerprints to which there is no way back. */
  readonly revoked: readonly string[];
  /** Who has a vote, where a push before was begun and not ended. */
  readonly voters: readonly string[] | undefined;
}
