import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { tokenScope } from '../store/api-tokens.js';
import { hashToken } from './access.js';
import type { Api, PeopleServices } from './services.js';
import { Refusal } from '../domain/refusal.js';

const tokenName = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9._-]{0,63}$/,
    'is not a token name: lower-case letters, digits, dots, dashes',
  );

export function tokenRoutes(api: Api, { store, clock }: PeopleServices): void {
  api.get(
    '/v1/tokens',
    {
      config: { scope: 'socket' },
      schema: {
        summary: 'All API tokens, without their secrets',
        response: {
          200: z.object({
            tokens: z.array(
              z.object({ name: tokenName, scope: tokenScope, createdAt: z.iso.datetime() }),
            ),
          }),
        },
      },
    },
    async () => ({
      tokens: (await store.apiTokens.list()).map(({ name, scope, createdAt }) => ({
        name,
        scope,
        createdAt: createdAt.toISOString(),
      })),
    }),
  );

  api.post(
    '/v1/tokens',
    {
      config: { scope: 'socket' },
      schema: {
        summary: 'Make an API token; it is shown once',
        body: z.strictObject({ name: tokenName, scope: tokenScope.default('read') }),
        response: { 201: z.object({ name: tokenName, scope: tokenScope, token: z.string() }) },
      },
    },
    async ({ body: { name, scope }, actor }, reply) => {
      const token = randomBytes(32).toString('base64url');
      const made = await store.apiTokens.create({
        name,
        scope,
        hash: hashToken(token),
        at: clock.now(),
      });
      if (!made) {
        throw new Refusal(
          'conflict',
          'token-exists',
          `there is a token '${name}' already`,
          `Take another name, or remove it first: hub token remove ${name}`,
        );
      }
      await store.audit.append({ actor, action: 'token.add', object: name, detail: scope });
      reply.code(201);
      return { name, scope, token };
    },
  );

  api.delete(
    '/v1/tokens/:name',
    {
      config: { scope: 'socket' },
      schema: {
        summary: 'Remove an API token',
        params: z.object({ name: tokenName }),
        response: { 204: z.null() },
      },
    },
    async ({ params: { name }, actor }, reply) => {
      if (!(await store.apiTokens.remove(name))) {
        throw new Refusal(
          'unknown',
          'no-token',
          `there is no token '${name}'`,
          'See `hub token list`.',
        );
      }
      await store.audit.append({ actor, action: 'token.remove', object: name });
      return reply.code(204).send(null);
    },
  );
}
