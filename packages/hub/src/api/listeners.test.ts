import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:https';
import { connect, createServer, type Socket } from 'node:net';
import { connect as connectTls, TLSSocket } from 'node:tls';
import * as x509 from '@peculiar/x509';
import { systemClock } from '@sixhub/base';
import fastify from 'fastify';
import { expect, test } from 'vitest';
import { openPrivateCa } from '../ca/private-ca.js';
import { openStore } from '../store/store.js';
import { createVault } from '../vault/vault.js';
import { listenTls } from './listeners.js';

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };

test('client certificates count before and after the listener got a new identity', async () => {
  await using store = await openStore(':memory:', createVault(randomBytes(32)), systemClock, quiet);
  const ca = await openPrivateCa(store.secrets, systemClock);
  const app = fastify();
  app.get('/', ({ raw }) => ({
    authorized: raw.socket instanceof TLSSocket && raw.socket.authorized,
  }));
  const identity = await ca.issueServer(['hub.test']);
  const where = { address: '127.0.0.1', port: 0 };
  await using listener = await listenTls(app, where, identity, { clientCa: ca.certificate });

  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const cert = await ca.issueClient({ name: 'web', id: 'an-id' }, new x509.PublicKey(spki));
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' });
  const ask = (client: object): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const to = { host: '127.0.0.1', port: listener.port, servername: 'hub.test' };
      request({ ...to, ca: ca.certificate, agent: false, ...client }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', () => resolve(JSON.parse(Buffer.concat(chunks).toString())));
      })
        .on('error', reject)
        .end();
    });

  expect(await ask({ cert, key })).toEqual({ authorized: true });
  expect(await ask({})).toEqual({ authorized: false });
  listener.replaceIdentity(await ca.issueServer(['hub.test']));
  expect(await ask({ cert, key })).toEqual({ authorized: true });
  expect(await ask({})).toEqual({ authorized: false });
});

/** What a TLS client says first. */
async function clientHello(): Promise<Buffer> {
  const ear = createServer().listen(0, '127.0.0.1');
  await once(ear, 'listening');
  const at = ear.address();
  if (at === null || typeof at === 'string') throw new Error('a port');
  const client = connectTls({ host: '127.0.0.1', port: at.port });
  client.on('error', () => undefined); // nobody answers it
  const [heard]: Socket[] = await once(ear, 'connection');
  if (heard === undefined) throw new Error('a connection');
  const [hello]: Buffer[] = await once(heard, 'data');
  client.destroy();
  heard.destroy();
  ear.close();
  return hello ?? Buffer.of();
}

test('who is in the middle of a handshake has to come again as well', async () => {
  await using store = await openStore(':memory:', createVault(randomBytes(32)), systemClock, quiet);
  const ca = await openPrivateCa(store.secrets, systemClock);
  const identity = await ca.issueServer(['hub.test']);
  const where = { address: '127.0.0.1', port: 0 };
  await using listener = await listenTls(fastify(), where, identity, { clientCa: ca.certificate });
  const client = connect({ host: '127.0.0.1', port: listener.port });
  client.on('error', () => undefined); // being cut off may be a reset
  client.write(await clientHello());
  await once(client, 'data'); // the hub's part: only the client's certificate is missing
  listener.replaceIdentity(await ca.issueServer(['hub.test']));
  listener.disconnect();
  await once(client, 'close', { signal: AbortSignal.timeout(2_000) }); // by itself after ten seconds
});

test('who comes when so many are connected is sent away, and told of once it is', async () => {
  await using store = await openStore(':memory:', createVault(randomBytes(32)), systemClock, quiet);
  const ca = await openPrivateCa(store.secrets, systemClock);
  let full = 0;
  const most = { connections: 2, onFull: () => void (full += 1) };
  await using listener = await listenTls(
    fastify(),
    { address: '127.0.0.1', port: 0 },
    await ca.issueServer(['hub.test']),
    { clientCa: ca.certificate, most },
  );
  const open = async (): Promise<Socket> => {
    const socket = connect({ host: '127.0.0.1', port: listener.port });
    socket.on('error', () => undefined); // being sent away may be a reset
    await once(socket, 'connect');
    return socket;
  };
  const first = [await open(), await open()];
  const third = await open();
  await once(third, 'close');
  expect(full).toBe(1);
  const [left] = first;
  left?.destroy();
  // Its place is free as soon as the listener has seen that it left.
  await expect
    .poll(async () => {
      const next = await open();
      const stays = await Promise.race([
        once(next, 'close').then(() => false),
        systemClock.sleep(50).then(() => true),
      ]);
      next.destroy();
      return stays;
    })
    .toBe(true);
  for (const socket of first) socket.destroy();
});
