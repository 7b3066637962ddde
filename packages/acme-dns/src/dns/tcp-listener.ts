import net from 'node:net';
import type { ListenAddress } from '../domain/listen-address.js';
import type { Responder } from '../domain/responder.js';
import type { Counters } from './counters.js';
import { listenError } from './listen-error.js';
import { TcpConnections, type Connection } from './tcp-connections.js';

export interface TcpService {
  readonly responder: Responder;
  readonly counters: Counters;
}

/**
 * Replies that wait for a client which does not read, and the most that one write carries; beyond, its queries wait
 * here and in the kernel (RFC 7766 §6.2.1.1).
 */
const mostUnread = 32_768;

/** DNS over TCP (RFC 7766): pipelined, split anywhere, and bounded in connections, time and memory. */
export class TcpListener implements AsyncDisposable {
  readonly address: ListenAddress;
  private readonly server: net.Server;
  private readonly connections: TcpConnections;

  private constructor(server: net.Server, address: ListenAddress, connections: TcpConnections) {
    this.server = server;
    this.address = address;
    this.connections = connections;
  }

  static async open(where: ListenAddress, service: TcpService): Promise<TcpListener> {
    const connections = new TcpConnections(service.counters);
    const server = net.createServer({ noDelay: true }, (socket) => {
      const dialogue = new Dialogue(connections, connections.add(socket), service);
      socket.on('data', (chunk) => dialogue.hear(chunk));
    });
    try {
      await listen(server, where);
    } catch (error) {
      connections.end();
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

const scratch = Buffer.allocUnsafeSlow(65_535);

/** What is asked and answered on one connection. */
class Dialogue {
  private readonly connections: TcpConnections;
  private readonly connection: Connection;
  private readonly socket: net.Socket;
  private readonly service: TcpService;
  private readonly address: string;
  /** Octets that came and are not answered: part of a message, or what waits for the client to read. */
  private held: Buffer | undefined;

  constructor(connections: TcpConnections, connection: Connection, service: TcpService) {
    this.connections = connections;
    this.connection = connection;
    this.service = service;
    this.socket = connection.socket;
    this.address = this.socket.remoteAddress ?? '';
  }

  hear(chunk: Buffer): void {
    this.connections.moved(this.connection);
    this.answer(this.held === undefined ? chunk : Buffer.concat([this.held, chunk]));
  }

  private answer(bytes: Buffer): void {
    let at = 0;
    while (isWhole(bytes, at) && !this.socket.isPaused()) {
      at = this.answerSome(bytes, at);
      if (this.socket.destroyed) return;
      if (this.socket.writableLength > mostUnread) this.waitForClient();
    }
    const rest = bytes.length - at;
    this.held = rest === 0 ? undefined : Buffer.from(bytes.subarray(at));
    // Another message than before has its own time.
    const began = rest === 0 || this.socket.isPaused() ? undefined : performance.now();
    this.connection.begunAt = at === 0 ? (this.connection.begunAt ?? began) : began;
  }

  /** One write for all that fits in it: one system call, and full packets. Returns where the rest begins. */
  private answerSome(bytes: Buffer, from: number): number {
    const { responder, counters } = this.service;
    const replies: Buffer[] = [];
    let at = from;
    for (let total = 0; total < mostUnread && isWhole(bytes, at);) {
      const length = bytes.readUInt16BE(at);
      counters.queries.tcp++;
      const message = bytes.subarray(at + 2, at + 2 + length);
      const size = responder.respond(message, length, scratch, 'tcp', this.address);
      at += 2 + length;
      if (size === 0) {
        // What is no query can't be answered, and whoever sends it is no DNS client (RFC 7766 §7).
        counters.silent++;
        this.socket.destroy();
        return at;
      }
      counters.outcomes[responder.outcome]++;
      replies.push(framed(scratch, size));
      total += size;
    }
    const [only] = replies;
    this.socket.write(replies.length === 1 && only !== undefined ? only : Buffer.concat(replies));
    return at;
  }

  private waitForClient(): void {
    this.socket.pause();
    this.socket.once('drain', () => {
      this.connections.moved(this.connection);
      this.socket.resume();
      if (this.held !== undefined) this.answer(this.held);
    });
  }
}

function isWhole(bytes: Buffer, at: number): boolean {
  return at + 2 <= bytes.length && at + 2 + bytes.readUInt16BE(at) <= bytes.length;
}

function framed(reply: Buffer, size: number): Buffer {
  const frame = Buffer.allocUnsafe(size + 2);
  frame.writeUInt16BE(size, 0);
  reply.copy(frame, 2, 0, size);
  return frame;
}
