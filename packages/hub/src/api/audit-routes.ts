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
        summary:
          'The audit log, newest first; `before` pages on, `after` reads from the first line on',
        querystring: z.object({
          before: z.coerce.number().int().positive().optional(),
          after: z.coerce.number().int().min(0).optional(),
          limit: z.coerce.number().int().min(1).max(1_000).default(100),
          actor: z
            .string()
            .max(300)
            .optional()
            .describe('`socket`, `hub`, `token:NAME`, `agent:NAME`'),
          object: z.string().max(300).optional(),
          action: z
            .string()
            .max(64)
            .optional()
            .describe('`agent.grant`, or `agent` for all of them'),
        }),
        response: { 200: z.object({ lines: z.array(line) }) },
      },
    },
    async ({ query }) => ({ lines: [...(await store.audit.read(query))] }),
  );
}
