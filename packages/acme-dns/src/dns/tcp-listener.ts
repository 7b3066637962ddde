import net from 'node:net';
import type { ListenAddress } from '../domain/listen-address.js';
import type { Responder } from '../domain/responder.js';
import type { Counters } from './counters.js';
import { listenError } from './listen-error.js';

export interface TcpService {
  readonly responder: Responder;
  readonly counters: Counters;
}

/** RFC 7766 §6.2.3 asks for seconds; a resolver keeps a connection only for what it has at hand. */
const idleMs = 10_000;
/** A message that has begun must end by then, however slowly its octets come. */
const mostConnections = 2_000;
/** Replies that wait for a client which does not read; beyond, its queries wait in the kernel (RFC 7766 §6.2.1.1). */
const mostUnread = 1_048_576;

/** DNS over TCP (RFC 7766): pipelined, split anywhere, and bounded in connections, time and memory. */
export class TcpListener implements AsyncDisposable {
  readonly address: ListenAddress;
  private readonly server: net.Server;
  private readonly connections: Connections;

  private constructor(server: net.Server, address: ListenAddress, connections: Connections) {
    this.server = server;
    this.address = address;
    this.connections = connections;
  }

  static async open(where: ListenAddress, service: TcpService): Promise<TcpListener> {
    const connections = new Connections(service.counters);
    const server = net.createServer({ noDelay: true }, (socket) => {
      connections.add(socket);
      serve(socket, service);
    });
    try {
      await listen(server, where);
    } catch (error) {
      throw await listenError('tcp', where, error);
    }
    server.on('error', () => undefined); // out of descriptors: connections are refused, UDP goes on
    const bound = server.address();
    const port = bound !== null && typeof bound === 'object' ? bound.port : where.port;
    return new TcpListener(server, { address: where.address, port }, connections);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => resolve());
      this.connections.end();
    });
  }
}

function listen(server: net.Server, { address, port }: ListenAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: address, port, ipv6Only: true, backlog: 1_024 }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** All connections, the one that has been quiet for longest first. */
class Connections {
  private readonly sockets = new Set<net.Socket>();
  private readonly counters: Counters;

  constructor(counters: Counters) {
    this.counters = counters;
  }

  add(socket: net.Socket): void {
    const { connections } = this.counters;
    connections.accepted++;
    connections.open++;
    if (this.sockets.size >= mostConnections) this.makeRoom();
    this.sockets.add(socket);
    socket.on('data', () => {
      this.sockets.delete(socket);
      this.sockets.add(socket);
    });
    socket.on('close', () => {
      this.sockets.delete(socket);
      connections.open--;
    });
    socket.setTimeout(idleMs, () => {
      connections.closedIdle++;
      socket.destroy();
    });
    socket.on('error', () => undefined); // a reset; 'close' follows
  }

  end(): void {
    for (const socket of this.sockets) socket.destroySoon();
  }

  private makeRoom(): void {
    for (const quietest of this.sockets) {
      this.counters.connections.closedFull++;
      this.sockets.delete(quietest);
      quietest.destroy();
      return;
    }
  }
}

const scratch = Buffer.allocUnsafeSlow(65_535);

function serve(socket: net.Socket, { responder, counters }: TcpService): void {
  const address = socket.remoteAddress ?? '';
  let held: Buffer | undefined;
  socket.on('data', (chunk) => {
    const bytes = held === undefined ? chunk : Buffer.concat([held, chunk]);
    const replies: Buffer[] = [];
    let at = 0;
    while (at + 2 <= bytes.length) {
      const length = bytes.readUInt16BE(at);
      if (at + 2 + length > bytes.length) break;
      counters.queries.tcp++;
      const message = bytes.subarray(at + 2, at + 2 + length);
      const size = responder.respond(message, length, scratch, 'tcp', address);
      at += 2 + length;
      if (size === 0) {
        // What is no query can't be answered, and whoever sends it is no DNS client (RFC 7766 §7).
        counters.silent++;
        socket.destroy();
        return;
      }
      counters.outcomes[responder.outcome]++;
      replies.push(framed(scratch, size));
    }
    held = at === bytes.length ? undefined : Buffer.from(bytes.subarray(at));
    if (replies.length > 0) send(socket, replies);
  });
}

function framed(reply: Buffer, size: number): Buffer {
  const frame = Buffer.allocUnsafe(size + 2);
  frame.writeUInt16BE(size, 0);
  reply.copy(frame, 2, 0, size);
  return frame;
}

/** One write for all that a chunk asked for: one system call, and full packets. */
function send(socket: net.Socket, replies: readonly Buffer[]): void {
  const [only] = replies;
  socket.write(replies.length === 1 && only !== undefined ? only : Buffer.concat(replies));
  if (socket.writableLength <= mostUnread || socket.isPaused()) return;
  socket.pause();
  socket.once('drain', () => socket.resume());
}
