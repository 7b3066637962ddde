import type net from 'node:net';
import { clientAddress } from '../domain/ip-address.js';
import type { Counters } from './counters.js';

/** RFC 7766 §6.2.3 asks for seconds; a resolver keeps a connection only for what it has at hand. */
const idleMs = 10_000;
/** A message that has begun must end by then, however slowly its octets come. */
const messageMs = 10_000;
const lookEveryMs = 1_000;
const mostConnections = 2_000;
/** Of one IPv4 address or one IPv6 /64: more than a resolver opens, and too few to keep others out. */
const mostOfOneNetwork = 250;

/** A client's connection, with what the limits look at. */
export interface Connection {
  readonly socket: net.Socket;
  readonly network: string;
  /** When it last did something: sent octets, or took some. In milliseconds of performance.now(). */
  movedAt: number;
  /** When the message that is not whole yet began. */
  begunAt: number | undefined;
}

/** All connections, the one that has been quiet for longest first; bounded in number, by network and in time. */
export class TcpConnections {
  private readonly all = new Set<Connection>();
  private readonly ofNetwork = new Map<string, number>();
  private readonly counts: Counters['connections'];
  private readonly timer: NodeJS.Timeout;

  constructor({ connections }: Counters) {
    this.counts = connections;
    this.timer = setInterval(() => this.endLate(performance.now()), lookEveryMs);
  }

  add(socket: net.Socket): Connection {
    const network = networkOf(socket.remoteAddress ?? '');
    const connection = { socket, network, movedAt: performance.now(), begunAt: undefined };
    this.counts.accepted++;
    this.counts.open++;
    if ((this.ofNetwork.get(network) ?? 0) >= mostOfOneNetwork) this.makeRoom(network);
    else if (this.all.size >= mostConnections) this.makeRoom();
    this.all.add(connection);
    this.ofNetwork.set(network, (this.ofNetwork.get(network) ?? 0) + 1);
    socket.on('close', () => {
      this.forget(connection);
      this.counts.open--;
    });
    socket.on('error', () => undefined); // a reset; 'close' follows
    return connection;
  }

  moved(connection: Connection): void {
    connection.movedAt = performance.now();
    if (!this.all.delete(connection)) return; // on its way out
    this.all.add(connection);
  }

  end(): void {
    clearInterval(this.timer);
    for (const { socket } of this.all) socket.destroySoon();
  }

  private makeRoom(network?: string): void {
    for (const quietest of this.all) {
      if (network !== undefined && quietest.network !== network) continue;
      this.counts.closedFull++;
      this.drop(quietest);
      return;
    }
  }

  private endLate(now: number): void {
    for (const connection of this.all) {
      if (now - connection.movedAt > idleMs) {
        this.counts.closedIdle++;
        this.drop(connection);
      } else if (connection.begunAt !== undefined && now - connection.begunAt > messageMs) {
        this.counts.closedSlow++;
        this.drop(connection);
      }
    }
  }

  private drop(connection: Connection): void {
    this.forget(connection);
    connection.socket.destroy();
  }

  private forget(connection: Connection): void {
    if (!this.all.delete(connection)) return;
    const left = (this.ofNetwork.get(connection.network) ?? 1) - 1;
    if (left === 0) this.ofNetwork.delete(connection.network);
    else this.ofNetwork.set(connection.network, left);
  }
}

function networkOf(address: string): string {
  const octets = clientAddress(address) ?? new Uint8Array(0);
  return octets.subarray(0, octets.length === 4 ? 4 : 8).join('.');
}
