import { createCsr, createKey, keyKindOf } from '@sixhub/acme';
import type { Issuance } from '../domain/issuance.js';
import type { CertificateStore } from '../store/certificates.js';
import type { IssuanceStore } from '../store/issuances.js';
import { publicKeyOfPrivateKey } from '../store/public-key.js';
import { publicKeyOfRequest } from './signing-request.js';

interface KeyContext {
  readonly certificates: CertificateStore;
  readonly issuances: IssuanceStore;
}

export interface OwnKey {
  /** As in public-key.ts. */
  readonly publicKey: string;
  /** PKCS#8, PEM; undefined where an agent made it and keeps it. */
  readonly privateKey: string | undefined;
  /** The earlier attempt had another, which is compromised: what it may have been given is worth nothing. */
  readonly changed: boolean;
  /** What the order is finalized with: PKCS#10, PEM. */
  csr(): Promise<string>;
}

/**
 * The key of an earlier attempt, or the last version's where it is kept, or a new one, or what an agent made; never one
 * that is compromised. Undefined: an agent has to make another one first.
 */
export async function certificateKey(
  issuance: Issuance,
  context: KeyContext,
): Promise<OwnKey | undefined> {
  if (issuance.keyOn !== undefined) return keyOfAgent(issuance, context);
  const { issuances, certificates } = context;
  const stored = await issuances.key(issuance.id);
  if (stored !== undefined && !(await isCompromised(publicKeyOfPrivateKey(stored), certificates))) {
    return ownKey(issuance, stored, false);
  }
  const last = issuance.reuseKey ? await certificates.newest(issuance.certificate) : undefined;
  const kept = last && (await certificates.privateKey(last.id));
  const usable =
    kept !== undefined &&
    keyKindOf(kept) === issuance.keyKind &&
    !(await isCompromised(publicKeyOfPrivateKey(kept), certificates));
  const key = usable ? kept : await createKey(issuance.keyKind);
  await issuances.saveKey(issuance.id, key);
  return ownKey(issuance, key, stored !== undefined);
}

function ownKey({ names }: Issuance, privateKey: string, changed: boolean): OwnKey {
  return {
    publicKey: publicKeyOfPrivateKey(privateKey),
    ...{ privateKey, changed },
    csr: () => createCsr(names, privateKey),
  };
}

async function keyOfAgent(
  { id, request }: Issuance,
  { issuances, certificates }: KeyContext,
): Promise<OwnKey | undefined> {
  if (request === undefined) return undefined;
  const publicKey = publicKeyOfRequest(request);
  if (await isCompromised(publicKey, certificates)) {
    await issuances.forgetRequest(id);
    return undefined;
  }
  return { publicKey, privateKey: undefined, changed: false, csr: () => Promise.resolve(request) };
}

/** In whatever certificate it was said of it; `publicKey` as in public-key.ts. */
export async function isCompromised(
  publicKey: string,
  certificates: CertificateStore,
): Promise<boolean> {
  const versions = await certificates.withKey(publicKey);
  return versions.some(({ revoked }) => revoked?.reason === 'keyCompromise');
}
