import { randomInt } from 'node:crypto';
import dgram from 'node:dgram';
import net from 'node:net';
import { DomainName } from '../domain/domain-name.js';
import type { ListenAddress } from '../domain/listen-address.js';
import { parseResponse, type Response } from '../domain/response.js';

export type Answered = { readonly kind: 'answered'; readonly response: Response } | Silence;
export interface Silence {
  readonly kind: 'silent';
  readonly reason: string;
}

const waitMs = 3_000;

/** One question to one server, as a validator's resolver asks it: EDNS, no recursion unless said. */
export async function ask(
  server: ListenAddress,
  name: string,
  type: number,
  how: { readonly transport: 'udp' | 'tcp'; readonly recursion?: boolean } = { transport: 'udp' },
): Promise<Answered> {
  const query = buildQuery(name, type, how.recursion === true);
  const exchange = how.transport === 'udp' ? overUdp : overTcp;
  try {
    const response = parseResponse(await exchange(server, query));
    return response === undefined
      ? { kind: 'silent', reason: 'its answer is not whole' }
      : { kind: 'answered', response };
  } catch (error) {
    return { kind: 'silent', reason: error instanceof Error ? error.message : String(error) };
  }
}

function buildQuery(name: string, type: number, recursion: boolean): Buffer {
  const wire = DomainName.parse(`${name.replace(/\.$/, '')}.`)?.wire ?? Uint8Array.of(0);
  const id = randomInt(65_536);
  return Buffer.from([
    ...[id >> 8, id & 0xff, recursion ? 1 : 0, 0, 0, 1, 0, 0, 0, 0, 0, 1],
    ...wire,
    ...[type >> 8, type & 0xff, 0, 1],
    ...[0, 0, 41, 0x04, 0xd0, 0, 0, 0, 0, 0, 0],
  ]);
}

function overUdp({ address, port }: ListenAddress, query: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = dgram.createSocket(address.includes(':') ? 'udp6' : 'udp4');
    const end = (work: () => void): void => {
      clearTimeout(timer);
      socket.close();
      work();
    };
    const timer = setTimeout(() => end(() => reject(new Error('no answer in time'))), waitMs);
    socket.on('error', (error) => end(() => reject(error)));
    socket.on('message', (message) => {
      if (message.readUInt16BE(0) === query.readUInt16BE(0)) end(() => resolve(message));
    });
    socket.connect(port, address, () => socket.send(query));
  });
}

function overTcp({ address, port }: ListenAddress, query: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host: address, port, timeout: waitMs });
    let received = Buffer.alloc(0);
    const fail = (error: Error): void => {
      socket.destroy();
      reject(error);
    };
    socket.on('timeout', () => fail(new Error('no answer in time')));
    socket.on('error', fail);
    socket.on('close', () => reject(new Error('the connection was closed without an answer')));
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return;
      resolve(received.subarray(2, 2 + received.readUInt16BE(0)));
      socket.destroy();
    });
    socket.on('connect', () => {
      socket.write(Buffer.concat([Buffer.from([query.length >> 8, query.length & 0xff]), query]));
    });
  });
}
