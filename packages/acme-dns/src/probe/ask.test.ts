import dgram from 'node:dgram';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { ask, askWhole } from './ask.js';

/** A server that hears every question, and answers as `reply` says. */
async function server(reply: (question: Buffer, count: number) => Buffer | undefined) {
  const socket = dgram.createSocket('udp4');
  const heard: Buffer[] = [];
  socket.on('message', (question, { address, port }) => {
    heard.push(question);
    const answer = reply(question, heard.length);
    if (answer !== undefined) socket.send(answer, port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    at: { address: '127.0.0.1', port: socket.address().port },
    heard,
    [Symbol.dispose]: () => void socket.close(),
  };
}

/** The question sent back with the bit of an answer and these flags. */
function echo(question: Buffer, flags = 0): Buffer {
  const answer = Buffer.from(question);
  answer.writeUInt16BE(0x8000 | flags, 2);
  return answer;
}

test('the flags of a question, and those of its answer', async () => {
  using it = await server((question) => echo(question, 0x00b0));
  const options = { dnssec: true, checkingDisabled: true, recursion: true } as const;
  expect(await ask(it.at, 'example.org', 1, { transport: 'udp', ...options })).toMatchObject({
    kind: 'answered',
    from: '127.0.0.1',
    response: { recursionAvailable: true, authenticated: true, checkingDisabled: true },
  });
  await ask(it.at, 'example.org', 1);
  const opt = it.heard.map((question) => question.subarray(-11).toString('hex'));
  expect(it.heard.map((question) => question.readUInt16BE(2))).toEqual([0x0110, 0]);
  expect(opt).toEqual(['00002904d0000080000000', '00002904d0000000000000']);
});

test('a lost packet is sent again, and what answers another question is not heard', async () => {
  using it = await server((question, count) => {
    if (count > 1) return echo(question);
    const other = echo(question);
    other.writeUInt16BE(question.readUInt16BE(0) ^ 1, 0);
    return other;
  });
  expect(await ask(it.at, 'example.org', 1)).toMatchObject({ kind: 'answered' });
  expect(it.heard).toHaveLength(2);
  expect(it.heard[0]).toEqual(it.heard[1]);
});

test('the packets go where the caller says, and it waits as long as the caller says', async () => {
  using it = await server(echo);
  const elsewhere = { address: '192.0.2.1', port: it.at.port };
  expect(await askWhole(elsewhere, 'example.org', 1, { by: '127.0.0.1' })).toMatchObject({
    kind: 'answered',
  });
  using mute = await server(() => undefined);
  expect(await askWhole(mute.at, 'example.org', 1, { withinMs: 20 })).toEqual({
    kind: 'silent',
    reason: 'no answer in time',
    noRoute: false,
  });
});

test.each(['udp', 'tcp'] as const)('a question over %s can be called off', async (transport) => {
  using mute = await server(() => undefined);
  const caller = new AbortController();
  const asked = ask(mute.at, 'example.org', 1, { transport, signal: caller.signal });
  caller.abort(new Error('enough'));
  await expect(asked).rejects.toThrow('enough');
  const late = ask(mute.at, 'example.org', 1, { transport, signal: caller.signal });
  await expect(late).rejects.toThrow('enough');
});
