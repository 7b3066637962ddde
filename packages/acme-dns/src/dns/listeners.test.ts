import dgram from 'node:dgram';
import net from 'node:net';
import { describe, expect, test } from 'vitest';
import { RateLimiter } from '../domain/rate-limit.js';
import { message, responder } from '../domain/test-wire.js';
import type { ListenAddress } from '../domain/listen-address.js';
import { newCounters } from './counters.js';
import { Listeners } from './listeners.js';
import { loadAddon } from './udp-batch.js';
import { UdpListener } from './udp-listener.js';

function service(perSecond = 0) {
  const limiter = new RateLimiter({ perSecond, slip: 2, exempt: [] });
  return { responder: responder(), limiter, counters: newCounters() };
}

async function askMany({ address, port }: ListenAddress, count: number): Promise<Buffer[]> {
  const socket = dgram.createSocket(address.includes(':') ? 'udp6' : 'udp4');
  const received: Buffer[] = [];
  const done = new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, 1_000);
    socket.on('message', (reply) => {
      received.push(reply);
      if (received.length < count) return;
      clearTimeout(timer);
      resolve();
    });
  });
  for (let index = 0; index < count; index++) {
    const query = message({});
    query[1] = index;
    socket.send(query, port, address);
  }
  await done;
  socket.close();
  return received;
}

test('the native part is there: `node scripts/setup.mjs test` builds it', () => {
  expect(loadAddon()).toBeDefined();
});

const ways: readonly (readonly [string, typeof UdpListener.open])[] = [
  ['plain', UdpListener.openPlain],
  ['by batches', UdpListener.open],
];

describe.each(ways)('UDP, %s', (_kind, open) => {
  test.each(['127.0.0.1', '::1'])(
    'answers every query at %s, each with its own id',
    async (address) => {
      await using listener = await open({ address, port: 0 }, service());
      const replies = await askMany(listener.address, 200);
      expect(new Set(replies.map((reply) => reply.readUInt8(1))).size).toBe(200);
      expect(new Set(replies.map((reply) => reply.readUInt16BE(6)))).toEqual(new Set([2]));
    },
  );

  test('holds answers back when a network asks too often, and counts it', async () => {
    const limited = service(50);
    await using listener = await open({ address: '127.0.0.1', port: 0 }, limited);
    const replies = await askMany(listener.address, 100);
    const truncated = replies.filter((reply) => (reply.readUInt8(2) & 2) !== 0);
    expect(replies.length - truncated.length).toBe(50);
    expect(truncated.length).toBe(25);
    expect(limited.counters.limited).toEqual({ dropped: 25, slipped: 25 });
  });

  test('names who has the port', async () => {
    await using listener = await open({ address: '127.0.0.1', port: 0 }, service());
    await expect(open(listener.address, service())).rejects.toMatchObject({
      code: 'port-in-use',
      message: expect.stringContaining(`process ${process.pid}`),
    });
  });
});

describe('TCP', () => {
  const framed = (query: Uint8Array): Buffer => Buffer.from([0, query.length, ...query]);

  function exchange(
    where: ListenAddress,
    writes: readonly Buffer[],
    count: number,
  ): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const socket = net.connect(where.port, where.address);
      let received = Buffer.alloc(0);
      socket.on('error', reject);
      socket.on('data', (chunk) => {
        received = Buffer.concat([received, chunk]);
        let replies = 0;
        for (let at = 0; at + 2 <= received.length; at += 2 + received.readUInt16BE(at)) replies++;
        if (replies < count) return;
        socket.destroy();
        resolve(received);
      });
      void (async () => {
        for (const bytes of writes) {
          socket.write(bytes);
          await new Promise((next) => setTimeout(next, 5));
        }
      })();
    });
  }

  test('answers what is pipelined, and what comes octet by octet', async () => {
    await using listeners = await Listeners.open(
      [{ address: '127.0.0.1', port: 0 }],
      ['tcp'],
      service(),
    );
    const [where] = listeners.addresses;
    if (where === undefined) throw new Error('no address');
    const all = Buffer.concat(Array.from({ length: 300 }, () => framed(message({}))));
    const cut = [
      all.subarray(0, 1),
      all.subarray(1, 50),
      all.subarray(50, 4_001),
      all.subarray(4_001),
    ];
    const replies = await exchange(where, cut, 300);
    expect(replies.length % 300).toBe(0);
    const slow = [...framed(message({}))].map((octet) => Buffer.of(octet));
    expect((await exchange(where, slow, 1)).readUInt16BE(8)).toBe(2);
  });
});
