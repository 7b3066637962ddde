import type { WantedCertificate } from '@sixhub/protocol';
import { isExpired, type Installed, type TreeVersion } from './version.js';

/** The version that a switch can be taken back to. */
export type WayBack =
  | { readonly kind: 'open'; readonly version: TreeVersion }
  /** Nothing valid was there before: the new version stays, whatever the services say. */
  | { readonly kind: 'closed'; readonly why: string };

export function wayBack(
  previous: Installed,
  { fingerprint, revoked }: Pick<WantedCertificate, 'fingerprint' | 'revoked'>,
  now: Date,
): WayBack {
  switch (previous.kind) {
    case 'whole':
      if (previous.version.fingerprint === fingerprint) {
        return { kind: 'closed', why: 'there is no other version' };
      }
      if (revoked.includes(previous.version.fingerprint)) {
        return { kind: 'closed', why: 'the version before is revoked' };
      }
      return isExpired(previous.version, now)
        ? {
            kind: 'closed',
            why: `the version before has expired (${previous.version.notAfter.toISOString()})`,
          }
        : { kind: 'open', version: previous.version };
    case 'absent':
      return { kind: 'closed', why: 'there was no version before' };
    case 'damaged':
      return { kind: 'closed', why: `the version before was damaged (${previous.why})` };
    case 'foreign':
      return { kind: 'closed', why: 'what was there before is not ours' };
    default:
      return previous satisfies never;
  }
}
