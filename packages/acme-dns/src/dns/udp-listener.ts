import dgram from 'node:dgram';
import type { ListenAddress } from '../domain/listen-address.js';
import { listenError } from './listen-error.js';
import { loadAddon, UdpBatch } from './udp-batch.js';
import { answerDatagram, slotSize, type UdpService } from './udp-service.js';

/**
 * Replies go out of buffers that take turns, since a buffer belongs to the kernel until its datagram is sent; Node
 * sends at once unless the socket's own buffer is full, so a turn is far longer than a send.
 */
const ringSize = 64;

/** Bursts wait here while one message is answered. The kernel grants what net.core.rmem_max allows. */
const receiveBuffer = 4 * 1_048_576;

/**
 * One socket for one concrete address: a reply leaves from the address that was asked, which a socket on a wildcard
 * address can't promise without IP_PKTINFO, and Node has no way to that.
 */
export class UdpListener implements AsyncDisposable {
  readonly address: ListenAddress;
  private readonly socket: dgram.Socket;

  private constructor(socket: dgram.Socket, address: ListenAddress) {
    this.socket = socket;
    this.address = address;
  }

  /** By batches where the compiled part is there, else by Node's own socket. */
  static async open(where: ListenAddress, service: UdpService): Promise<UdpListener | UdpBatch> {
    const addon = loadAddon();
    if (addon === undefined) return UdpListener.openPlain(where, service);
    try {
      const batch = new UdpBatch(addon, where, receiveBuffer, service);
      service.counters.batchedUdp = true;
      return batch;
    } catch (error) {
      throw await listenError('udp', where, error);
    }
  }

  static async openPlain(where: ListenAddress, service: UdpService): Promise<UdpListener> {
    const isIPv6 = where.address.includes(':');
    const socket = dgram.createSocket({
      type: isIPv6 ? 'udp6' : 'udp4',
      ipv6Only: isIPv6,
      recvBufferSize: receiveBuffer,
      // Addresses come from the kernel and need no look-up; answering in the same turn saves a tick for each reply.
      lookup: (address, _options, done) => done(null, address, address.includes(':') ? 6 : 4),
    });
    try {
      await bind(socket, where);
    } catch (error) {
      socket.close();
      throw await listenError('udp', where, error);
    }
    answer(socket, service);
    return new UdpListener(socket, { address: where.address, port: socket.address().port });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return new Promise((resolve) => this.socket.close(() => resolve()));
  }
}

function bind(socket: dgram.Socket, { address, port }: ListenAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind({ address, port }, () => {
      socket.off('error', reject);
      resolve();
    });
  });
}

function answer(socket: dgram.Socket, service: UdpService): void {
  const slab = Buffer.alloc(ringSize * slotSize);
  const ring = Array.from({ length: ringSize }, (_, slot) => slotViews(slab, slot));
  let turn = 0;
  socket.on('message', (message, from) => {
    const out = ring[turn];
    if (from.port === 0 || out === undefined) return; // nothing can be sent to port 0
    const length = answerDatagram(service, message, from.size, out.whole, from.address);
    if (length === 0) return;
    turn = (turn + 1) % ringSize;
    socket.send(out.first(length), from.port, from.address);
  });
  // A client that is gone (ECONNREFUSED by ICMP) or unreachable concerns nobody else.
  socket.on('error', () => undefined);
}

/** A slot of the ring with its beginnings by length, kept because making a view for each reply costs as much as its answer. */
function slotViews(slab: Buffer, slot: number): { whole: Buffer; first(length: number): Buffer } {
  const whole = slab.subarray(slot * slotSize, (slot + 1) * slotSize);
  const views: (Buffer | undefined)[] = [];
  return { whole, first: (length) => (views[length] ??= whole.subarray(0, length)) };
}
