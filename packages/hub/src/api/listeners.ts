import { constants } from 'node:crypto';
import { chmod, chown, mkdir, readFile, unlink } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import type { SecureContext } from 'node:tls';
import { callbackify } from 'node:util';
import { dirname } from 'node:path';
import { exitCodes, SixhubError, systemCode } from '@sixhub/base';
import type { FastifyInstance } from 'fastify';

/** Where the API's routes are reached. Several listeners may share one set of routes. */

export interface ListenAddress {
  readonly address: string;
  readonly port: number;
}

export interface ServerIdentity {
  readonly key: string;
  readonly chain: string;
}

export interface TlsListener extends AsyncDisposable {
  readonly port: number;
  /** New connections get the new identity; none is dropped. */
  replaceIdentity(identity: ServerIdentity, clientCa?: string): void;
  /** Whoever is connected has to come again, in the middle of a handshake, too: that would be finished by what was. */
  disconnect(): void;
}

/** Who sends so slowly only holds a place; how many may do so is bounded by the files that the process may open. */
const patience = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 5_000,
  handshakeTimeout: 10_000,
} as const;

/**
 * Agents are fresh processes, which can't take a session up again: tickets would be made and sent for nothing. Without
 * them a connection that waits keeps 16 KB less (docs/fleet-speed.md).
 */
const withoutTickets = { secureOptions: constants.SSL_OP_NO_TICKET } as const;

export async function listenTls(
  app: FastifyInstance,
  at: ListenAddress,
  identity: ServerIdentity,
  {
    clientCa,
    contextFor,
    most,
  }: {
    /** PEM: ask for client certificates of this CA. What they may do is the routes' decision. */
    readonly clientCa?: string;
    /** Another certificate for who asks for this name; undefined: the identity. */
    readonly contextFor?: (host: string) => Promise<SecureContext | undefined>;
    /** Who comes when so many are connected is sent away, so that files are left for everybody else. */
    readonly most?: { readonly connections: number; readonly onFull: () => void };
  } = {},
): Promise<TlsListener> {
  await app.ready();
  const server = createTlsServer(
    {
      key: identity.key,
      cert: identity.chain,
      minVersion: 'TLSv1.2',
      ...patience,
      ...(clientCa === undefined
        ? {}
        : { ca: clientCa, requestCert: true, rejectUnauthorized: false, ...withoutTickets }),
      ...(contextFor === undefined ? {} : { SNICallback: callbackify(contextFor) }),
    },
    (request, response) => app.routing(request, response),
  );
  // The server itself knows only those whose handshake is done.
  const sockets = new Set<Duplex>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  if (most !== undefined && Number.isFinite(most.connections)) {
    server.maxConnections = most.connections;
    server.on('drop', most.onFull);
  }
  await listening(
    server,
    () => server.listen({ host: at.address, port: at.port, ipv6Only: false }),
    at,
  );
  const bound = server.address();
  return {
    port: typeof bound === 'object' && bound !== null ? bound.port : at.port,
    // The whole context is replaced: what it says of clients must be said again.
    replaceIdentity: ({ key, chain }, otherCa = clientCa) =>
      server.setSecureContext({
        key,
        cert: chain,
        minVersion: 'TLSv1.2',
        ...(otherCa === undefined ? {} : { ca: otherCa, ...withoutTickets }),
      }),
    disconnect: () => {
      for (const socket of sockets) socket.destroy();
    },
    [Symbol.asyncDispose]: () => close(server),
  };
}

/** The administrator's socket: for its owner and group alone, from its first instant by the umask. */
export async function listenSocket(
  app: FastifyInstance,
  path: string,
  group: string,
): Promise<AsyncDisposable> {
  await app.ready();
  await mkdir(dirname(path), { recursive: true, mode: 0o755 });
  await removeStale(path);
  const server = createServer(patience, (request, response) => app.routing(request, response));
  const before = process.umask(0o177);
  try {
    await listening(server, () => server.listen(path), path);
  } finally {
    process.umask(before);
  }
  const gid = await groupId(group);
  if (gid !== undefined && process.getuid?.() === 0) await chown(path, 0, gid);
  await chmod(path, 0o660);
  return { [Symbol.asyncDispose]: () => close(server) };
}

/** A socket that nobody answers at is left over from a killed hub; one that answers is another hub. */
async function removeStale(path: string): Promise<void> {
  const answered = await new Promise<boolean>((resolve) => {
    const probe = connect(path, () => {
      probe.destroy();
      resolve(true);
    });
    probe.on('error', () => resolve(false));
  });
  if (answered) {
    throw new SixhubError({
      code: 'hub-running',
      fact: `a hub is running already: it answers at ${path}`,
      hint: 'Stop it first (systemctl stop sixhub), or give this one another `socket` in hub.toml.',
      exit: exitCodes.usage,
    });
  }
  await unlink(path).catch((error: unknown) => {
    if (systemCode(error) !== 'ENOENT') throw error;
  });
}

async function groupId(name: string): Promise<number | undefined> {
  const groups = await readFile('/etc/group', 'utf8').catch(() => '');
  const id = groups
    .split('\n')
    .find((line) => line.startsWith(`${name}:`))
    ?.split(':')[2];
  return id === undefined ? undefined : Number(id);
}

function listening(
  server: Server | TlsServer,
  listen: () => void,
  at: ListenAddress | string,
): Promise<void> {
  const where = typeof at === 'string' ? at : `[${at.address}]:${at.port}`;
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      const [fact, hint] = explain(systemCode(error), where);
      reject(
        new SixhubError({
          code: 'listen',
          fact: fact ?? `can't listen at ${where}: ${error.message}`,
          hint: hint ?? 'Check the `listen` settings in hub.toml.',
          exit: exitCodes.usage,
          cause: error,
        }),
      );
    });
    server.once('listening', resolve);
    listen();
  });
}

function explain(code: string | undefined, where: string): [string?, string?] {
  switch (code) {
    case 'EADDRINUSE':
      return [
        `can't listen at ${where}: the port is in use`,
        `See who has it: ss -lptn. Stop that, or set another port in hub.toml.`,
      ];
    case 'EACCES':
      return [
        `can't listen at ${where}: no right to`,
        'Ports under 1024 need CAP_NET_BIND_SERVICE; a socket needs a directory that this user may write.',
      ];
    case 'EADDRNOTAVAIL':
      return [
        `can't listen at ${where}: this machine does not have that address`,
        'Set one that `ip address` shows, or "[::]:PORT" for all.',
      ];
    default:
      return [];
  }
}

function close(server: Server | TlsServer): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
