import { createServer } from 'node:http';
import { Duplex } from 'node:stream';
import fastify, { type FastifyInstance } from 'fastify';
import { expect, test } from 'vitest';
import { writeSmall } from './small-writes.js';

function answering(text: string): FastifyInstance {
  const app = fastify();
  writeSmall(app);
  app.get('/', (_request, reply) => reply.type('text/plain; charset=utf-8').send(text));
  return app;
}

test.each(['', 'a'.repeat(511), 'a'.repeat(512), 'a'.repeat(513), 'ä€'.repeat(1_100)])(
  'what is written in pieces is the same, and as long as it says',
  async (text) => {
    await using app = answering(text);
    const { body, headers } = await app.inject('/');
    expect(body).toBe(text);
    expect(headers['content-length']).toBe(String(Buffer.byteLength(text)));
  },
);

test('no write is larger than the first buffer of a TLS connection has room for', async () => {
  await using app = answering('a'.repeat(5_000));
  await app.ready();
  const connection = new Connection('GET / HTTP/1.1\r\nHost: hub\r\n\r\n', 5_000);
  const server = createServer((request, response) => app.routing(request, response));
  server.emit('connection', connection);
  await connection.answered;
  expect(connection.writes.length).toBeGreaterThan(5);
  expect(Math.max(...connection.writes)).toBeLessThan(1_000);
});

/** A server's side of one, which tells how much each single write was of. */
class Connection extends Duplex {
  readonly writes: number[] = [];
  readonly answered: Promise<void>;
  readonly #atLeast: number;
  #answer = (): void => undefined;

  constructor(request: string, atLeast: number) {
    super();
    this.#atLeast = atLeast;
    this.answered = new Promise((resolve) => (this.#answer = resolve));
    this.push(request);
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this._writev([{ chunk }], done);
  }

  override _writev(chunks: readonly { readonly chunk: Buffer }[], done: () => void): void {
    this.writes.push(chunks.reduce((sum, { chunk }) => sum + chunk.length, 0));
    if (this.writes.reduce((sum, size) => sum + size, 0) >= this.#atLeast) this.#answer();
    done();
  }
}
