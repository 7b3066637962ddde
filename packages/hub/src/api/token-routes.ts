import { z } from 'zod';
import { tokenScope, type ApiToken } from '../store/api-tokens.js';
import type { Api, PeopleServices } from './services.js';
import { Refusal } from '../domain/refusal.js';

const tokenName = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9._-]{0,63}$/,
    'is not a token name: lower-case letters, digits, dots, dashes',
  );

const time = z.iso.datetime();
const longestLifeS = 10 * 366 * 86_400;

const tokenView = z.object({
  name: tokenName,
  scope: tokenScope,
  createdAt: time,
  /** Null: it is good until it is removed. */
  expiresAt: time.nullable(),
  /** To the minute; null: never. */
  lastUsedAt: time.nullable(),
});
export type TokenView = z.infer<typeof tokenView>;

export function tokenRoutes(api: Api, { store, tokens, clock }: PeopleServices): void {
  api.get(
    '/v1/tokens',
    {
      config: { scope: 'socket' },
      schema: {
        summary: 'All API tokens, without their secrets',
        response: {
          200: z.object({
            tokens: z.array(tokenView),
          }),
        },
      },
    },
    async () => ({ tokens: (await tokens.list()).map(view) }),
  );

  api.post(
    '/v1/tokens',
    {
      config: { scope: 'socket', secret: true },
      schema: {
        summary: 'Make an API token; it is shown once',
        body: z.strictObject({
          name: tokenName,
          scope: tokenScope.default('read'),
          /** How long it is worth something, in seconds; until it is removed unless said. */
          expiresIn: z.int().min(60).max(longestLifeS).optional(),
        }),
        response: {
          201: z.object({
            name: tokenName,
            scope: tokenScope,
            token: z.string(),
            expiresAt: time.nullable(),
          }),
        },
      },
    },
    async ({ body: { name, scope, expiresIn }, actor }, reply) => {
      const expiresAt =
        expiresIn === undefined ? undefined : new Date(clock.now().getTime() + expiresIn * 1_000);
      const token = await tokens.create(name, scope, expiresAt);
      if (token === undefined) {
        throw new Refusal(
          'conflict',
          'token-exists',
          `there is a token '${name}' already`,
          `Take another name, or remove it first: hub token remove ${name}`,
        );
      }
      await store.audit.append({ actor, action: 'token.add', object: name, detail: scope });

      reply.code(201);
      return { name, scope, token, expiresAt: expiresAt?.toISOString() ?? null };
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
      if (!(await tokens.remove(name))) {
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

function view({ name, scope, createdAt, expiresAt, lastUsedAt }: ApiToken): TokenView {
  return {
    ...{ name, scope },
    createdAt: createdAt.toISOString(),
    expiresAt: expiresAt?.toISOString() ?? null,
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
  };
}
