import { Readable } from 'node:stream';
import { z } from 'zod';
import type { Api, PeopleServices } from './services.js';
import { Refusal } from '../domain/refusal.js';
import { issuanceView, viewIssuance } from './views.js';

const byId = z.object({ id: z.uuid() });

export function issuanceRoutes(api: Api, { store, runner }: PeopleServices): void {
  api.get(
    '/v1/issuances/:id',
    {
      config: { scope: 'read' },
      schema: { summary: 'One issuance', params: byId, response: { 200: issuanceView } },
    },
    async ({ params }) => viewIssuance(await find(params.id)),
  );

  api.get(
    '/v1/issuances/:id/steps',
    {
      config: { scope: 'read' },
      schema: {
        summary: 'What an issuance told and tells, a JSON line each, until it is finished',
        params: byId,
        produces: ['application/x-ndjson'],
        querystring: z.object({ after: z.coerce.number().int().min(0).default(0) }),
      },
    },
    async ({ params, query, raw }, reply) => {
      await find(params.id);
      const gone = new AbortController();
      raw.on('close', () => gone.abort());
      const lines = async function* (): AsyncGenerator<string> {
        for await (const step of runner.follow(params.id, query.after, gone.signal)) {
          yield `${JSON.stringify(step)}\n`;
        }
      };
      return reply.type('application/x-ndjson').send(Readable.from(lines()));
    },
  );

  async function find(id: string) {
    const issuance = await store.issuances.find(id);
    if (issuance !== undefined) return issuance;
    throw new Refusal('unknown', 'no-issuance', `there is no issuance ${id}`, 'See `hub list`.');
  }
}
