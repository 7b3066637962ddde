import { z } from 'zod';
import type { Api, PeopleServices } from './services.js';

const line = z.object({
  seq: z.number().int(),
  at: z.iso.datetime(),
  actor: z.string(),
  action: z.string(),
  object: z.string(),
  detail: z.string(),
  hash: z.string(),
});

export function auditRoutes(api: Api, { store }: PeopleServices): void {
  api.get(
    '/v1/audit',
    {
      config: { scope: 'read' },
      schema: {
        summary: 'The audit log, newest first; `before` pages on',
        querystring: z.object({
          before: z.coerce.number().int().positive().optional(),
          limit: z.coerce.number().int().min(1).max(1_000).default(100),
        }),
        response: { 200: z.object({ lines: z.array(line) }) },
      },
    },
    async ({ query: { before, limit } }) => ({
      lines: [...(await store.audit.read({ limit, ...(before === undefined ? {} : { before }) }))],
    }),
  );
}
