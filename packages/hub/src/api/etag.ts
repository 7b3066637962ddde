import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';

/** RFC 9110 §8.8.3, §13.1.2: who polls is told that nothing changed, in a hundred octets. */
export function tagAnswers(app: FastifyInstance): void {
  app.addHook('onSend', async (request, reply, payload) => {
    if (request.method !== 'GET' || reply.statusCode !== 200 || typeof payload !== 'string') {
      return payload;
    }
    const tag = `W/"${createHash('sha1').update(payload).digest('base64url')}"`;
    reply.header('ETag', tag);
    const held = request.headers['if-none-match'];
    if (held === undefined || !tagsIn(held).includes(tag)) return payload;
    reply.code(304).removeHeader('Content-Length').removeHeader('Content-Type');
    return null;
  });
}

function tagsIn(header: string): readonly string[] {
  return header.split(',').map((tag) => {
    const bare = tag.trim();
    return bare.startsWith('W/') ? bare : `W/${bare}`; // §13.1.2: compared weakly
  });
}
