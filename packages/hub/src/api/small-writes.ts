import { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';

/**
 * What a connection keeps of its largest write for as long as it is open: Node's buffer of encrypted octets is of 1 KB,
 * and where one write does not fit, another of 16 KB is added and never given back (node: src/crypto/crypto_bio.h,
 * kInitialBufferLength and kThroughputBufferLength). Five thousand agents that wait would keep 80 MB of it.
 */
const kept = 1_024;
/** The records' own octets, and the header that goes with the first piece. */
const piece = kept / 2;

/** Answers go out in pieces, each by a turn of its own: what is written in one turn is one write. */
export function writeSmall(app: FastifyInstance): void {
  app.addHook('onSend', async (_request, reply, payload) => {
    if (typeof payload !== 'string') return payload;
    const octets = Buffer.from(payload);
    if (octets.length <= piece) return payload;
    reply.header('Content-Length', octets.length);
    return Readable.from(pieces(octets), { objectMode: false });
  });
}

async function* pieces(octets: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < octets.length; at += piece) {
    if (at > 0) await nextTurn();
    yield octets.subarray(at, at + piece);
  }
}
