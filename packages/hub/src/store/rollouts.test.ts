import { randomBytes, randomUUID } from 'node:crypto';
import { agentName, certificateName, type AgentName } from '@sixhub/protocol';
import { expect, test } from 'vitest';
import { openPrivateCa } from '../ca/private-ca.js';
import type { Version } from '../domain/certificate.js';
import { createVault } from '../vault/vault.js';
import { openStore } from './store.js';

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
const name = certificateName.parse('example.org');
const web = agentName.parse('web');
const day = 86_400_000;

test('what is, or was before, a key on one machine alone is rolled out to nobody, and kept by nobody', async () => {
  let now = Date.parse('2026-11-25T00:00:00Z');
  const clock = { now: () => new Date(now), sleep: () => Promise.resolve() };
  await using store = await openStore(':memory:', createVault(randomBytes(32)), clock, quiet);
  const { certificate: leaf } = await openPrivateCa(store.secrets, clock);
  const certificate = {
    ...({ name, names: [], keyKind: 'p256', reuseKey: false, keyOn: undefined } as const),
    createdAt: clock.now(),
  };
  await store.certificates.save(certificate);
  await store.agents.create({ id: 'web', name: web, createdAt: clock.now() });
  await store.agents.setStatus('web', 'active', clock.now());
  await store.agents.grant('web', name, clock.now());
  await store.rollouts.planAlways(name, { batch: '1', first: [], patienceS: 1_800 });
  /** Whether web should have it, and what became of the plan. */
  const next = async (keyOn: AgentName | undefined) => {
    now += 1_000;
    const version: Version = {
      ...{ id: randomUUID(), certificate: name, fingerprint: '', serial: '', issuer: '', leaf },
      ...{ authority: '', chain: '', issuedAt: clock.now(), revoked: undefined, keyOn },
      ...{ notBefore: clock.now(), notAfter: new Date(now + 90 * day) },
    };
    await store.certificates.takeOver({ ...certificate, keyOn }, version, 'key');
    const wanted = await store.wantedVersions.of('web', name);
    const rollout = await store.rollouts.of(name);
    return [wanted?.version.id === version.id ? 'new' : 'old', rollout?.state ?? 'none'].join();
  };
  expect(await next(undefined)).toBe('new,none');
  expect(await next(undefined)).toBe('old,running');
  expect(await next(web)).toBe('new,none');
  expect(await next(web)).toBe('new,none');
  expect(await next(undefined)).toBe('new,none');
  expect(await next(undefined)).toBe('old,running');
});
