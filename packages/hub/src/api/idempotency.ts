import { createHash } from 'node:crypto';
import type { Clock } from '@sixhub/base';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Refusal } from '../domain/refusal.js';
import type { IdempotencyStore, KeyUse } from '../store/idempotency.js';

const dayMs = 86_400_000;
/** Old keys are cleared at most so often. */
const clearEveryMs = 600_000;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The answer has a secret that is shown once: it is not kept, and the route takes no Idempotency-Key. */
    secret?: boolean;
  }
  interface FastifyRequest {
    keyUse: KeyUse | undefined;
  }
}

/**
 * `Idempotency-Key` on POST (draft-ietf-httpapi-idempotency-key-header): the same key with the same request is answered
 * as the first time, for a day, also by a hub that was restarted in between. What failed may be tried again with the
 * same key.
 */
export async function rememberAnswers(
  app: FastifyInstance,
  store: IdempotencyStore,
  clock: Clock,
): Promise<void> {
  await store.forgetUnanswered();
  let clearedAt = 0;
  app.decorateRequest('keyUse', undefined);

  app.addHook('preHandler', async (request, reply) => {
    const key = keyOf(request);
    if (key === undefined) return;
    const now = clock.now();
    if (now.getTime() - clearedAt > clearEveryMs) {
      clearedAt = now.getTime();
      await store.forgetBefore(new Date(now.getTime() - dayMs));
    }
    const use = { actor: request.actor, key, request: fingerprint(request) };
    const earlier = await store.begin(use, now);
    if (earlier === undefined) {
      request.keyUse = use;
      return;
    }
    if (earlier.request !== use.request) {
      throw new Refusal(
        'unprocessable',
        'idempotency-key-reused',
        'this Idempotency-Key was used for another request',
        'Send a new key, as a random UUID, with each new request.',
      );
    }
    if (earlier.answer === undefined) {
      throw new Refusal(
        'conflict',
        'idempotency-key-busy',
        'the first request with this Idempotency-Key is still being worked on',
        'Ask again in a moment; the answer will be the same.',
        1,
      );
    }
    await again(reply, earlier.answer);
  });

  app.addHook('onSend', async ({ keyUse }, reply, payload) => {
    if (keyUse === undefined) return payload;
    const keep = reply.statusCode < 300 && typeof payload === 'string';
    await store.finish(keyUse, keep ? { status: reply.statusCode, body: payload } : undefined);
    return payload;
  });
}

function again(reply: FastifyReply, answer: { status: number; body: string }): FastifyReply {
  return reply
    .code(answer.status)
    .header('Idempotency-Replayed', 'true')
    .serializer((body: unknown) => String(body)) // it was serialized the first time
    .type('application/json; charset=utf-8')
    .send(answer.body);
}

function keyOf(request: FastifyRequest): string | undefined {
  const key = request.headers['idempotency-key'];
  if (key === undefined || request.method !== 'POST') return undefined;
  const { secret, scope } = request.routeOptions.config;
  if (secret === true || scope === undefined) {
    throw new Refusal(
      'invalid',
      'no-idempotency-key',
      'this route takes no Idempotency-Key: its answer has a secret, which is not kept',
      'Send the request without it; `hub token list` and `hub agent list` show whether the first one arrived.',
    );
  }
  if (typeof key === 'string' && /^[\x21-\x7e ]{1,255}$/.test(key)) return key;
  throw new Refusal(
    'invalid',
    'bad-idempotency-key',
    'the Idempotency-Key is not 1 to 255 printable characters',
    'Send a random UUID.',
  );
}

function fingerprint({ method, url, body }: FastifyRequest): string {
  return createHash('sha256')
    .update(JSON.stringify([method, url, body ?? null]))
    .digest('hex');
}
