import { createHash } from 'node:crypto';
import type { KeyKind } from '@sixhub/acme';
import type { HubFacts, KeyFamily, KeyRequest, Manifest } from '@sixhub/protocol';
import type { Agent } from '../domain/agent.js';
import type { Version } from '../domain/certificate.js';
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
  const requests = [...(await keys.of(agent))];
  const wanted = await Promise.all(
    agent.grants.map(async (name) => {
      const version = standing(await certificates.newest(name), agent);
      const certificate = await certificates.find(name);
      if (version === undefined || certificate === undefined) return [];
      const { id, fingerprint, notAfter } = version;
      const names = [...certificate.names];
      const revoked = [...(await certificates.revokedFingerprints(name, now))];
      return [
        {
          ...{ name, version: id, fingerprint, names, revoked },
          notAfter: notAfter.toISOString(),
          key: keyFamilyOf(certificate.keyKind),
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

function keyFamilyOf(kind: KeyKind): KeyFamily {
  return kind === 'p256' || kind === 'p384' ? 'ecdsa' : 'rsa';
}

/** A revoked version is given to nobody, whatever comes after it; one whose key is on a machine, to that alone. */
export function standing(
  version: Version | undefined,
  { name }: Pick<Agent, 'name'>,
): Version | undefined {
  if (version?.keyOn !== undefined && version.keyOn !== name) return undefined;
  return version?.revoked === undefined ? version : undefined;
}
