import { randomInt } from 'node:crypto';
import dgram from 'node:dgram';
import net from 'node:net';
import { errorText, systemCode } from '@sixhub/base';
import { DomainName } from '../domain/domain-name.js';
import type { ListenAddress } from '../domain/listen-address.js';
import { parseResponse, type Response } from '../domain/response.js';

export type Answered =
  | {
      readonly kind: 'answered';
      readonly response: Response;
      /** This machine's address that the question went out from. */
      readonly from: string;
    }
  | Silence;
export interface Silence {
  readonly kind: 'silent';
  readonly reason: string;
  /** This machine can't get there, which says nothing about the server. */
  readonly noRoute: boolean;
}

interface Exchange {
  readonly message: Buffer;
  readonly from: string;
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
    const { message, from } = await exchange(server, query);
    const response = parseResponse(message);
    return response === undefined
      ? { kind: 'silent', reason: 'its answer is not whole', noRoute: false }
      : { kind: 'answered', response, from };
  } catch (error) {
    const noRoute = noRouteCodes.includes(systemCode(error) ?? '');
    return { kind: 'silent', reason: errorText(error), noRoute };
  }
}

const noRouteCodes = ['ENETUNREACH', 'EHOSTUNREACH', 'EADDRNOTAVAIL', 'EAFNOSUPPORT'];

/** As a resolver does it: over UDP, and over TCP where the answer was cut. */
export async function askWhole(
  server: ListenAddress,
  name: string,
  type: number,
  recursion = false,
): Promise<Answered> {
  const answer = await ask(server, name, type, { transport: 'udp', recursion });
  const cut = answer.kind === 'answered' && answer.response.truncated;
  return cut ? ask(server, name, type, { transport: 'tcp', recursion }) : answer;
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

function overUdp({ address, port }: ListenAddress, query: Buffer): Promise<Exchange> {
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
      if (message.length < 2 || message.readUInt16BE(0) !== query.readUInt16BE(0)) return;
      const from = socket.address().address;
      end(() => resolve({ message, from }));
    });
    socket.connect(port, address, (error?: Error) => {
      if (error) end(() => reject(error));
      else socket.send(query);
    });
  });
}

function overTcp({ address, port }: ListenAddress, query: Buffer): Promise<Exchange> {
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
      const message = received.subarray(2, 2 + received.readUInt16BE(0));
      resolve({ message, from: socket.localAddress ?? '' });
      socket.destroy();
    });
    socket.on('connect', () => {
      socket.write(Buffer.concat([Buffer.from([query.length >> 8, query.length & 0xff]), query]));
    });
  });
}
