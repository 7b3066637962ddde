import { createRequire } from 'node:module';
import { ipv6Text } from '../domain/ip-address.js';
import type { ListenAddress } from '../domain/listen-address.js';
import { answerDatagram, slotSize, type UdpService } from './udp-service.js';

/** As in native/udp-batch.c, which refuses buffers of other sizes. */
const slots = 64;
const addressSize = 28;

interface Buffers {
  readonly input: Uint8Array;
  readonly output: Uint8Array;
  readonly addresses: Uint8Array;
  readonly inputLengths: Int32Array;
  readonly outputLengths: Int32Array;
}

interface OpenSocket {
  readonly port: number;
  close(): void;
}

interface Addon {
  open(
    address: string,
    port: number,
    receiveBuffer: number,
    buffers: Buffers,
    onBatch: (count: number) => void,
  ): OpenSocket;
}

/** The compiled part, where set-up built it; without it Node's dgram does the same at a lower rate. */
export function loadAddon(): Addon | undefined {
  try {
    const found: unknown = createRequire(import.meta.url)('../../native/build/udp-batch.node');
    return isAddon(found) ? found : undefined;
  } catch {
    return undefined; // not built, or for another Node
  }
}

function isAddon(found: unknown): found is Addon {
  return typeof found === 'object' && found !== null && 'open' in found;
}

/** A socket whose datagrams come and go up to 64 in one system call. */
export class UdpBatch implements AsyncDisposable {
  readonly address: ListenAddress;
  private socket: OpenSocket | undefined;

  /** Throws what the system says, with its code. */
  constructor(addon: Addon, where: ListenAddress, receiveBuffer: number, service: UdpService) {
    const buffers: Buffers = {
      input: new Uint8Array(slots * slotSize),
      output: new Uint8Array(slots * slotSize),
      addresses: new Uint8Array(slots * addressSize),
      inputLengths: new Int32Array(slots),
      outputLengths: new Int32Array(slots),
    };
    const batch = answerBatch(service, buffers, where.address.includes(':'));
    this.socket = addon.open(where.address, where.port, receiveBuffer, buffers, batch);
    this.address = { address: where.address, port: this.socket.port };
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.socket?.close(); // a second close would be of freed memory
    this.socket = undefined;
    return Promise.resolve();
  }
}

function answerBatch(service: UdpService, buffers: Buffers, isIPv6: boolean) {
  const { input, output, inputLengths, outputLengths, addresses } = buffers;
  const view = (whole: Uint8Array): readonly Uint8Array[] =>
    Array.from({ length: slots }, (_, slot) =>
      whole.subarray(slot * slotSize, (slot + 1) * slotSize),
    );
  const messages = view(input);
  const replies = view(output);
  const senders = new Senders(addresses, isIPv6);
  return (count: number): void => {
    for (let slot = 0; slot < count; slot++) {
      const message = messages[slot];
      const reply = replies[slot];
      const length = inputLengths[slot] ?? 0;
      if (message === undefined || reply === undefined || !senders.read(slot)) continue;
      outputLengths[slot] = answerDatagram(service, message, length, reply, senders.text);
    }
  };
}

/** Reads struct sockaddr_in and sockaddr_in6; who asks again is not spelled out again. */
class Senders {
  text = '';
  private readonly addresses: Uint8Array;
  private readonly offset: number;
  private readonly size: number;
  private readonly last: Uint8Array;

  constructor(addresses: Uint8Array, isIPv6: boolean) {
    this.addresses = addresses;
    this.offset = isIPv6 ? 8 : 4;
    this.size = isIPv6 ? 16 : 4;
    this.last = new Uint8Array(this.size);
  }

  /** False for port 0, which nothing can be sent to. */
  read(slot: number): boolean {
    const start = slot * addressSize;
    if (this.addresses[start + 2] === 0 && this.addresses[start + 3] === 0) return false;
    const from = start + this.offset;
    let same = this.text !== '';
    for (let at = 0; at < this.size; at++) {
      const octet = this.addresses[from + at] ?? 0;
      same &&= this.last[at] === octet;
      this.last[at] = octet;
    }
    if (!same) this.text = this.size === 4 ? this.last.join('.') : ipv6Text(this.last);
    return true;
  }
}
