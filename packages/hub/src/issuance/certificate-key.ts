import { createKey, keyKindOf } from '@sixhub/acme';
import type { Issuance } from '../domain/issuance.js';
import type { CertificateStore } from '../store/certificates.js';
import type { IssuanceStore } from '../store/issuances.js';
import { publicKeyOfPrivateKey } from '../store/public-key.js';

interface KeyContext {
  readonly certificates: CertificateStore;
  readonly issuances: IssuanceStore;
}

export interface OwnKey {
  readonly key: string;
  /** The earlier attempt had another, which is compromised: what it may have been given is worth nothing. */
  readonly changed: boolean;
}

/** The key of an earlier attempt, or the last version's where it is kept, or a new one; never one that is compromised. */
export async function certificateKey(
  issuance: Issuance,
  { issuances, certificates }: KeyContext,
): Promise<OwnKey> {
  const stored = await issuances.key(issuance.id);
  if (stored !== undefined && !(await isCompromised(stored, certificates))) {
    return { key: stored, changed: false };
  }
  const last = issuance.reuseKey ? await certificates.newest(issuance.certificate) : undefined;
  const kept = last && (await certificates.privateKey(last.id));
  const usable =
    kept !== undefined &&
    keyKindOf(kept) === issuance.keyKind &&
    !(await isCompromised(kept, certificates));
  const key = usable ? kept : await createKey(issuance.keyKind);
  await issuances.saveKey(issuance.id, key);
  return { key, changed: stored !== undefined };
}

/** In whatever certificate it was said of it. */
export async function isCompromised(
  privateKey: string,
  certificates: CertificateStore,
): Promise<boolean> {
  const versions = await certificates.withKey(publicKeyOfPrivateKey(privateKey));
  return versions.some(({ revoked }) => revoked?.reason === 'keyCompromise');
}
