import { createHash, X509Certificate } from 'node:crypto';
import type { HubFacts, KeyFamily, KeyRequest, Manifest } from '@sixhub/protocol';
import type { Agent } from '../domain/agent.js';
import type { Certificate, Version } from '../domain/certificate.js';
import type { ManifestSource } from './manifest-readings.js';

/** What an agent should have, and the word by which both know it again (RFC 9110 §8.8.3). */
export interface TaggedManifest {
  readonly etag: string;
  readonly manifest: Manifest;
}

export async function manifestOf(
  agent: Agent,
  certificates: ManifestSource,
  keys: { of(agent: Agent): Promise<readonly KeyRequest[]> },
  now: Date,
  hub: HubFacts,
): Promise<TaggedManifest> {
  // First: a version that is stored in between is listed beside its request, and never neither of them.
  const awaited = await Promise.all(agent.grants.map((name) => certificates.awaitsKey(name)));
  const requests = awaited.includes(true) ? [...(await keys.of(agent))] : [];
  const wanted = await Promise.all(
    agent.grants.map(async (name) => {
      const wish = await certificates.wanted(agent.id, name);
      const version = standing(wish?.version, agent);
      const certificate = await certificates.find(name);
      if (wish === undefined || version === undefined || certificate === undefined) return [];
      const { id, fingerprint, notAfter } = version;
      // The certificate's names and kind of key are those of its newest version.
      const { names, key } = wish.waits
        ? readLeaf(version.leaf, certificate)
        : ofCertificate(certificate);
      const revoked = [...(await certificates.revokedFingerprints(name, now))];
      return [
        {
          ...{ name, version: id, fingerprint, names, revoked },
          notAfter: notAfter.toISOString(),
          key,
        },
      ];
    }),
  );
  const manifest = {
    certificates: wanted.flat(),
    hub,
    ...(requests.length === 0 ? {} : { requests }),
  };
  const digest = createHash('sha256').update(JSON.stringify(manifest)).digest('base64url');
  return { etag: `"${digest}"`, manifest };
}

interface NamesAndKey {
  readonly names: string[];
  readonly key: KeyFamily;
}

function ofCertificate({ names, keyKind }: Certificate): NamesAndKey {
  return { names: [...names], key: keyKind === 'p256' || keyKind === 'p384' ? 'ecdsa' : 'rsa' };
}

/** The same names in the certificate's order: for an agent that waits, nothing has changed. */
function readLeaf(leaf: string, { names: known }: Certificate): NamesAndKey {
  const { subjectAltName, publicKey } = new X509Certificate(leaf);
  const names = (subjectAltName ?? '').split(', ').map((name) => name.replace(/^DNS:/, ''));
  const isSame = names.toSorted().join() === [...known].toSorted().join();
  return {
    names: isSame ? [...known] : names,
    key: publicKey.asymmetricKeyType === 'ec' ? 'ecdsa' : 'rsa',
  };
}

/** A revoked version is given to nobody, whatever comes after it; one whose key is on a machine, to that alone. */
export function standing(
  version: Version | undefined,
  { name }: Pick<Agent, 'name'>,
): Version | undefined {
  if (version?.keyOn !== undefined && version.keyOn !== name) return undefined;
  return version?.revoked === undefined ? version : undefined;
}
