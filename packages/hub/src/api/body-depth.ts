import type { FastifyInstance } from 'fastify';
import { Refusal } from '../domain/refusal.js';

/** No body of this API has more than four levels; what nests thousands deep overflows whoever walks it by recursion. */
const mostLevels = 32;

export function refuseDeepBodies(app: FastifyInstance): void {
  app.addHook('preValidation', async ({ body }) => {
    if (!isDeeper(body, mostLevels)) return;
    throw new Refusal(
      'invalid',
      'body-too-deep',
      `the body nests more than ${mostLevels} levels deep`,
      'See /openapi.json for what this route takes.',
    );
  });
}

/** Level by level, so that it needs no stack itself. */
function isDeeper(value: unknown, levels: number): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; depth <= levels; depth++) {
    level = level.flatMap((one) =>
      typeof one === 'object' && one !== null ? Object.values(one) : [],
    );
    if (level.length === 0) return false;
  }
  return true;
}
