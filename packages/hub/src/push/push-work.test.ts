import { randomBytes, randomUUID } from 'node:crypto';
import { agentName, certificateName } from '@sixhub/protocol';
import { expect, test } from 'vitest';
import { parseDnsName } from '../domain/dns-name.js';
import { openPrivateCa } from '../ca/private-ca.js';
import type { Issuance } from '../domain/issuance.js';
import { openStore } from '../store/store.js';
import { createVault } from '../vault/vault.js';
import { PushTargets } from './push-targets.js';
import { PushWork } from './push-work.js';

const clock = { now: () => new Date('2026-11-25T00:00:00Z'), sleep: () => Promise.resolve() };
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
const name = certificateName.parse('example.org-web');
const [web, nas] = [agentName.parse('web'), agentName.parse('nas')];
const parsed = parseDnsName('example.org');
const names = parsed.kind === 'name' ? [parsed.name] : [];

test('a certificate whose key is on another machine: refused for a target, and told where it was given', async () => {
  await using store = await openStore(':memory:', createVault(randomBytes(32)), clock, quiet);
  const same = { names, keyKind: 'p256', reuseKey: false, createdAt: clock.now() } as const;
  await store.certificates.save({ name, ...same, keyOn: web });
  const targets = new PushTargets(store, clock);
  const add = (grants: readonly (typeof name)[]): Promise<unknown> =>
    targets.add(
      {
        ...{ name: nas, grants, settings: { connect: [], servernames: [] } },
        place: { user: 'root', host: '127.0.0.1', port: 1, hostKey: 'ssh-ed25519 AAAA' },
      },
      'socket',
    );
  await expect(add([name])).rejects.toMatchObject({
    code: 'key-elsewhere',
    hint: expect.stringContaining('A certificate whose key the hub makes'),
  });
  expect(await targets.all()).toEqual([]);

  // Given before its key went elsewhere, or past every check.
  await add([]);
  const { agentId } = await targets.find(nas);
  await store.agents.grant(agentId, name, clock.now());
  const issuance: Issuance = {
    ...{ id: randomUUID(), certificate: name, ...same, keyOn: web, request: undefined },
    ...{ authority: 'first', stage: 'order', orderUrl: undefined, failures: 0 },
    ...{ retryAt: undefined, retryOrdered: false },
  };
  await store.issuances.create(issuance);
  const { certificate: leaf } = await openPrivateCa(store.secrets, clock);
  const version = {
    ...{ id: randomUUID(), certificate: name, fingerprint: 'f', serial: '1', issuer: 'x' },
    ...{ authority: 'first', notBefore: clock.now(), notAfter: new Date('2027-01-25T00:00:00Z') },
    ...{ issuedAt: clock.now(), leaf, chain: '', keyOn: web, revoked: undefined },
  };
  const done = { version: version.id, fingerprint: 'f', issuer: 'x', notAfter: '' };
  await store.issuances.finish(issuance.id, version, undefined, { kind: 'stored', ...done });

  const warned: string[] = [];
  const log = { ...quiet, warn: (_about: object, text: string) => void warned.push(text) };
  const see = (): never => {
    throw new Error('nothing is to be looked at');
  };
  const work = new PushWork({ store, targets, see, clock, log });
  const { reports } = await work.runNow(nas);
  await work.stop();
  const detail = expect.stringContaining('its private key is on web');
  expect(reports).toMatchObject([{ certificate: name, installed: false, detail }]);
  expect(await store.agents.deployment(agentId, name)).toMatchObject({ detail });
  expect((await targets.find(nas)).work).toMatchObject({ failures: 1 });
  expect(warned).toHaveLength(1);
});
