import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { Agent, request } from 'node:https';
import { connect, TLSSocket, type DetailedPeerCertificate } from 'node:tls';
import * as x509 from '@peculiar/x509';
import { systemClock } from '@sixhub/base';
import { agentName, enrolServerName, hubServerName } from '@sixhub/protocol';
import fastify from 'fastify';
import { expect, test } from 'vitest';
import { HubCa } from '../ca/hub-ca.js';
import { openStore } from '../store/store.js';
import { createVault } from '../vault/vault.js';
import { AgentCallers } from './agent-caller.js';
import { OwnIdentities } from './own-identities.js';

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
const where = { address: '127.0.0.1', port: 0 };

async function opened() {
  const store = await openStore(':memory:', createVault(randomBytes(32)), systemClock, quiet);
  const ca = await HubCa.open(store, systemClock);
  const identities = new OwnIdentities(ca);
  ca.follow(() => identities.renew());
  const app = fastify();
  app.get('/', () => 'here');
  app.get('/verified', ({ raw }) =>
    String(raw.socket instanceof TLSSocket && raw.socket.authorized),
  );
  const knownCas = (): readonly string[] => ca.sha256s;
  const callers = new AgentCallers({ store, knownCas, clock: systemClock, log: quiet });
  app.get('/agent', (asked) =>
    callers.of(asked).then(
      ({ name }) => name,
      ({ code }: { readonly code: string }) => code,
    ),
  );
  const listener = await identities.listenAgents(app, where);
  return { store, ca, identities, listener };
}

/** What a client with only this CA sees: the fingerprints of what it is shown, or why it goes away. */
function shown(port: number, ca: string, servername = hubServerName): Promise<string | string[]> {
  return new Promise((resolve) => {
    const socket = connect({
      ...where,
      port,
      ca,
      servername,
      checkServerIdentity: () => undefined,
    });
    socket.once('error', (error) => resolve('code' in error ? String(error.code) : error.message));
    socket.once('secureConnect', () => {
      const chain: string[] = [];
      let one: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
      while (one !== undefined && !chain.includes(one.fingerprint256)) {
        chain.push(one.fingerprint256);
        one = one.issuerCertificate;
      }
      socket.destroy();
      resolve(chain);
    });
  });
}

/** An agent's key with a client certificate from the hub's CA. */
async function enrolled({ store, ca }: Pick<Opened, 'store' | 'ca'>, name: string) {
  const id = randomUUID();
  const createdAt = systemClock.now();
  await store.agents.create({ id, name: agentName.parse(name), createdAt });
  await store.agents.setStatus(id, 'active', createdAt);
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const spki = new x509.PublicKey(publicKey.export({ type: 'spki', format: 'der' }));
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    cert: await ca.issueClient({ name, id }, spki, undefined),
  };
}

type Opened = Awaited<ReturnType<typeof opened>>;

/** What the hub answers; an error where there is no connection, or it ends. */
function asked(
  port: number,
  path: string,
  how: Readonly<Record<string, unknown>>,
): Promise<string> {
  const to = { ...where, port, path, servername: hubServerName, agent: false };
  return new Promise((resolve, reject) => {
    request({ ...to, rejectUnauthorized: false, ...how }, (answer) => {
      let text = '';
      answer.on('data', (chunk: Buffer) => (text += chunk.toString()));
      answer.on('end', () => resolve(text));
    })
      .on('error', reject)
      .end();
  });
}

test('by the name to enrol, too, clients are verified by the hub’s CA alone, and none is an agent', async () => {
  const { store, ca, listener } = await opened();
  await using _store = store;
  await using _listener = listener;
  const sleeper = await enrolled({ store, ca }, 'sleeper');
  await ca.rotate('test');
  await ca.finish('test', false); // from now on there are two contexts
  const toEnrol = { ...sleeper, servername: enrolServerName };
  expect(await asked(listener.port, '/verified', sleeper)).toBe('true');
  // That of the hub's own CA is verified: then it is not the roots of the world that count.
  expect(await asked(listener.port, '/verified', toEnrol)).toBe('true');
  expect(await asked(listener.port, '/agent', sleeper)).toBe('sleeper');
  expect(await asked(listener.port, '/agent', toEnrol)).toBe('no-client-certificate');
});

test('new connections see a new certificate of the running hub, and none is dropped', async () => {
  const { store, ca, identities, listener } = await opened();
  await using _store = store;
  await using _listener = listener;
  const agent = new Agent({
    ...{ ca: ca.trusted, servername: hubServerName, keepAlive: true, maxSockets: 1 },
  });
  const sockets = new Set<unknown>();
  const ask = (): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      request({ ...where, port: listener.port, agent }, (answer) => {
        sockets.add(answer.socket);
        answer.resume();
        answer.on('end', () => resolve(answer.statusCode));
      })
        .on('error', reject)
        .end();
    });
  expect(await ask()).toBe(200);
  const [first] = await shown(listener.port, ca.trusted);
  await identities.renew();
  const [second] = await shown(listener.port, ca.trusted);
  expect(second).not.toBe(first);
  expect(await ask()).toBe(200);
  expect(sockets.size).toBe(1);
  agent.destroy();
});

test('after a change of the CA: who knows the old one, the new one, or another one', async () => {
  const { store, ca, listener } = await opened();
  await using _store = store;
  await using _listener = listener;
  const id = randomUUID();
  const createdAt = systemClock.now();
  await store.agents.create({ id, name: agentName.parse('sleeper'), createdAt });
  await store.agents.setStatus(id, 'active', createdAt);
  const old = ca.trusted;
  await ca.rotate('test');
  const next = ca.newest.certificate;
  await using other = await openStore(':memory:', createVault(randomBytes(32)), systemClock, quiet);
  const stranger = (await HubCa.open(other, systemClock)).trusted;
  expect(await shown(listener.port, old)).toHaveLength(2);
  expect(await shown(listener.port, next)).toMatch(/SELF_SIGNED|UNABLE/);
  await ca.finish('test', false);
  // The leaf, the link, and the one of before that has signed it.
  expect(await shown(listener.port, old)).toHaveLength(3);
  expect(await shown(listener.port, next)).toBeInstanceOf(Array);
  expect(await shown(listener.port, stranger)).toMatch(/SELF_SIGNED|UNABLE/);
  const chain = await shown(listener.port, next, enrolServerName);
  expect(chain.at(-1)?.replaceAll(':', '').toLowerCase()).toBe(ca.serving.sha256);
  // When nobody needs it the link is not shown any more.
  await store.caTrust.save(id, ca.serving.sha256);
  await ca.rotate('test');
  await ca.tick();
  expect(ca.state.next).toBeDefined();
  await store.caTrust.save(id, ca.newest.sha256);
  await ca.tick();
  expect(ca.state).toMatchObject({ next: undefined, former: [] });
  expect(await shown(listener.port, next)).toMatch(/SELF_SIGNED|UNABLE/);
  expect(await shown(listener.port, ca.trusted)).toHaveLength(2);
});

test('a client certificate comes from the CA that is asked for, as far as that is one of the present', async () => {
  const { store, ca, listener } = await opened();
  await using _store = store;
  await using _listener = listener;
  await ca.rotate('test');
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = new x509.PublicKey(publicKey.export({ type: 'spki', format: 'der' }));
  const issuerOf = async (wanted: string | undefined): Promise<string> => {
    const leaf = new x509.X509Certificate(
      await ca.issueClient({ name: 'web', id: 'x' }, key, wanted),
    );
    const isOld = await leaf.verify({
      publicKey: new x509.X509Certificate(ca.serving.certificate).publicKey,
    });
    return isOld ? 'old' : 'new';
  };
  expect(await issuerOf(undefined)).toBe('old');
  expect(await issuerOf('00')).toBe('old');
  expect(await issuerOf(ca.serving.sha256)).toBe('old');
  expect(await issuerOf(ca.newest.sha256)).toBe('new');
});
