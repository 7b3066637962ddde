import { generateKeyPairSync, randomBytes, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import type { Clock } from '@sixhub/base';
import { agentName, parseJoinToken } from '@sixhub/protocol';
import { expect, test } from 'vitest';
import { HubCa } from '../ca/hub-ca.js';
import { openStore } from '../store/store.js';
import { createVault } from '../vault/vault.js';
import { Agents } from './agents.js';

const hour = 3_600_000;
const web = agentName.parse('web');
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };

async function withAgents(
  work: (agents: Agents, pass: (milliseconds: number) => void) => Promise<void>,
): Promise<void> {
  let now = Date.parse('2026-11-23T12:00:00Z');
  const clock: Clock = { now: () => new Date(now), sleep: () => Promise.resolve() };
  await using store = await openStore(':memory:', createVault(randomBytes(32)), clock, quiet);
  const ca = await HubCa.open(store, clock);
  const agents = new Agents({ store, ca, clock, addresses: ['https://hub.test:8444'] });
  await work(agents, (milliseconds) => (now += milliseconds));
}

async function makeCsr(): Promise<string> {
  const keys = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
    'sign',
    'verify',
  ]);
  const csr = await x509.Pkcs10CertificateRequestGenerator.create({
    // A request may claim what it likes; only its key is used.
    name: 'CN=root-of-all',
    keys,
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
  });
  return csr.toString('pem');
}

function secretOf(token: string): string {
  const parsed = parseJoinToken(token);
  if (parsed === undefined) throw new Error('not a join token');
  return parsed.secret;
}

test('a join token expires after an hour', () =>
  withAgents(async (agents, pass) => {
    const { token } = await agents.invite(web, [], 'test');
    pass(hour + 1);
    await expect(
      agents.enrol({ secret: secretOf(token), csr: await makeCsr() }, '::1'),
    ).rejects.toMatchObject({
      code: 'token-expired',
      hint: 'Make a new token on the hub: hub agent add web',
    });
  }));

test('a new invitation makes the old token worthless', () =>
  withAgents(async (agents) => {
    const old = await agents.invite(web, [], 'test');
    await agents.invite(web, [], 'test');
    await expect(
      agents.enrol({ secret: secretOf(old.token), csr: await makeCsr() }, '::1'),
    ).rejects.toMatchObject({ code: 'token-unknown' });
  }));

test('the same key may repeat its enrolment, another may not', () =>
  withAgents(async (agents) => {
    const secret = secretOf((await agents.invite(web, [], 'test')).token);
    const csr = await makeCsr();
    await agents.enrol({ secret, csr }, '::1');
    const again = await agents.enrol({ secret, csr }, '::1');
    expect(again.agent).toBe('web');
    await expect(agents.enrol({ secret, csr: await makeCsr() }, '::1')).rejects.toMatchObject({
      code: 'token-used',
    });
  }));

test('a client certificate has the subject and purpose that the hub chooses', () =>
  withAgents(async (agents) => {
    const secret = secretOf((await agents.invite(web, [], 'test')).token);
    const { certificate, ca } = await agents.enrol({ secret, csr: await makeCsr() }, '::1');
    const leaf = new x509.X509Certificate(certificate);
    expect(leaf.subject).toMatch(/^CN=web, (2\.5\.4\.5|serialNumber|SERIALNUMBER)=[0-9a-f-]{36}$/);
    const usage = leaf.getExtension(x509.ExtendedKeyUsageExtension);
    expect(usage?.usages).toEqual([x509.ExtendedKeyUsage.clientAuth]);
    expect(await leaf.verify({ publicKey: new x509.X509Certificate(ca).publicKey })).toBe(true);
    const lifeDays = (leaf.notAfter.getTime() - leaf.notBefore.getTime()) / 86_400_000;
    expect(lifeDays).toBeCloseTo(90, 1);
  }));

test('a request that is no CSR, or whose signature is not of its key, is refused', () =>
  withAgents(async (agents) => {
    const secret = secretOf((await agents.invite(web, [], 'test')).token);
    const { publicKey } = generateKeyPairSync('ed25519');
    for (const csr of ['nonsense', publicKey.export({ type: 'spki', format: 'pem' }).toString()]) {
      await expect(agents.enrol({ secret, csr }, '::1')).rejects.toMatchObject({ code: 'bad-csr' });
    }
  }));
