import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import ssh2 from 'ssh2';
import { afterEach, expect, test } from 'vitest';
import { connectSsh, type SshConnection } from './connection.js';
import { parseTarget } from './target.js';

const opened: Disposable[] = [];
afterEach(() => {
  for (const one of opened.splice(0)) one[Symbol.dispose]();
});

const makeKey = (): string => ssh2.utils.generateKeyPairSync('ed25519').private;

async function portOf(server: Server | ssh2.Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  opened.push({ [Symbol.dispose]: () => void server.close() });
  return (server.address() as AddressInfo).port;
}

/** An SSH server, and the sockets of those who came; what is in between keeps their end to itself where it is deaf. */
async function openHost(isDeaf = false): Promise<{ port: number; cut: () => void }> {
  const server = new ssh2.Server({ hostKeys: [makeKey()] }, (client) => {
    client.on('error', () => undefined);
    client.on('authentication', (login) => login.accept());
    client.on('session', (accept) => {
      accept().on('exec', (take, _refuse, { command }) => {
        const channel = take();
        if (command === 'cut') {
          cut();
          return;
        }
        channel.exit(0);
        channel.end();
      });
    });
  });
  const sockets: Socket[] = [];
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  opened.push({ [Symbol.dispose]: cut });
  const inner = await portOf(server);
  const front = createServer({ allowHalfOpen: isDeaf }, (socket) => {
    const up = connect({ host: '127.0.0.1', port: inner, allowHalfOpen: isDeaf });
    sockets.push(socket, up);
    for (const [from, to] of [
      [socket, up],
      [up, socket],
    ] as const) {
      from.on('error', () => undefined);
      from.pipe(to, { end: !isDeaf });
    }
  });
  return { port: await portOf(front), cut };
}

async function logIn(port: number, signal = new AbortController().signal): Promise<SshConnection> {
  const key = ssh2.utils.parseKey(makeKey());
  if (key instanceof Error) throw key;
  return connectSsh(parseTarget(`root@127.0.0.1:${port}`), {
    signal,
    trust: { preferred: () => Promise.resolve([]), check: () => Promise.resolve() },
    credentials: {
      agentSocket: undefined,
      identities: [{ path: 'key', key }],
      usualIdentities: [],
      askPassword: undefined,
    },
  });
}

test('what was under way when the connection broke, and all that is asked of it after, is told to be lost', async () => {
  const { port } = await openHost();
  const connection = await logIn(port);
  expect(await connection.run('true')).toMatchObject({ code: 0 });
  const lost = { code: 'connection-lost' };
  await expect(connection.run('cut')).rejects.toMatchObject(lost);
  await expect(connection.run('true')).rejects.toMatchObject(lost);
  await expect(connection.sftp()).rejects.toMatchObject(lost);
  await expect(connection.reach('127.0.0.1', 9)).rejects.toMatchObject(lost);
  await expect(connection.unlessLost(Promise.reject(new Error('late')))).rejects.toMatchObject(
    lost,
  );
  await connection[Symbol.asyncDispose]();
  await connection[Symbol.asyncDispose]();
});

test('a host that never closes its end is left after a farewell, and at once where we are stopped', async () => {
  const { port } = await openHost(true);
  const connection = await logIn(port);
  const begun = performance.now();
  await connection[Symbol.asyncDispose]();
  expect(performance.now() - begun).toBeLessThan(10_000);

  const stopping = new AbortController();
  const other = await logIn(port, stopping.signal);
  const closing = performance.now();
  const closed = other[Symbol.asyncDispose]();
  stopping.abort(new Error('stopped'));
  await closed;
  expect(performance.now() - closing).toBeLessThan(2_000);
}, 30_000);
