import { randomBytes, randomUUID } from 'node:crypto';
import { agentName, certificateName, type AgentName } from '@sixhub/protocol';
import { expect, test } from 'vitest';
import { openPrivateCa } from '../ca/private-ca.js';
import type { Version } from '../domain/certificate.js';
import { parseDnsName } from '../domain/dns-name.js';
import { openStore } from '../store/store.js';
import { createVault } from '../vault/vault.js';
import { PublicIdentity } from './public-identity.js';

const name = certificateName.parse('hub.example.org');
const parsed = parseDnsName('hub.example.org');
const names = parsed.kind === 'name' ? [parsed.name] : [];

test('says once for each version that its key is on a machine, and what to do; at the start, and later', async () => {
  let now = Date.parse('2026-11-25T00:00:00Z');
  const clock = { now: () => new Date(now), sleep: () => Promise.resolve() };
  const told: string[] = [];
  const log = {
    ...{ info: () => undefined, error: (_: object, text: string) => void told.push(text) },
    warn: (_: object, text: string) => void told.push(text),
  };
  await using store = await openStore(':memory:', createVault(randomBytes(32)), clock, log);
  const ca = await openPrivateCa(store.secrets, clock);
  const { chain: leaf, key: privateKey } = await ca.issueServer(names);
  const next = async (keyOn: AgentName | undefined) => {
    now += 1_000;
    const version: Version = {
      ...{ id: randomUUID(), certificate: name, fingerprint: '', serial: '', issuer: '', leaf },
      ...{ authority: '', chain: '', issuedAt: clock.now(), revoked: undefined, keyOn },
      ...{ notBefore: clock.now(), notAfter: new Date(now + 86_400_000) },
    };
    const same = { name, names, keyKind: 'p256', reuseKey: false, keyOn } as const;
    await store.certificates.save({ ...same, createdAt: clock.now() });
    const key = keyOn === undefined ? privateKey : undefined;
    await store.issuances.create({
      ...{ ...same, id: version.id, certificate: name, request: undefined, authority: 'first' },
      ...{ stage: 'order', orderUrl: undefined, failures: 0, retryAt: undefined },
      ...{ retryOrdered: false, createdAt: clock.now() },
    });
    await store.issuances.finish(version.id, version, key, {
      ...{ kind: 'stored', version: version.id, fingerprint: '', issuer: '', notAfter: '' },
    });
  };
  const identity = new PublicIdentity(name, store.certificates, log);
  await identity.check();
  expect(told.splice(0)).toEqual([expect.stringContaining('make it: hub issue hub.example.org')]);
  await next(undefined);
  await identity.check();
  expect(await identity.contextFor('hub.example.org')).toBeDefined();
  expect(told).toEqual([]);
  for (let at = 0; at < 2; at++) {
    await next(agentName.parse('web'));
    if (at === 0) await identity.check();
    for (let asked = 0; asked < 2; asked++) {
      expect(await identity.contextFor('hub.example.org')).toBeUndefined();
    }
    expect(told.splice(0)).toEqual([
      expect.stringMatching(/is on web and never leaves it.*--as hub\.example\.org --key-at-hub/),
    ]);
  }
});
