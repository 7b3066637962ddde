import { Readable } from 'node:stream';
import { z } from 'zod';
import { examine, type DoctorContext } from '../doctor/doctor.js';
import { listRecords } from '../doctor/records.js';
import { challengeDomain } from '../domain/dns-name.js';
import { readName } from './read-name.js';
import type { Api } from './services.js';

const several = z.union([z.string(), z.array(z.string())]).transform((given) => [given].flat());

const recordView = z.object({
  name: z.string(),
  type: z.enum(['NS', 'A', 'AAAA', 'CNAME', 'TXT']),
  value: z.string(),
  purpose: z.string(),
  state: z.enum(['there', 'missing', 'not made', 'other', 'not tested']),
  /** What was seen instead; empty where it is there. */
  seen: z.string(),
});
export type RecordView = z.infer<typeof recordView>;

/** A person waits for the answer. */
const longestMs = 120_000;

export function doctorRoutes(api: Api, services: DoctorContext): void {
  api.get(
    '/v1/doctor',
    {
      config: { scope: 'write' },
      schema: {
        summary:
          'What stands between the domains (all, unless said) and their certificates, a JSON line each thing',
        produces: ['application/x-ndjson'],
        querystring: z.object({ domain: several.default([]) }),
      },
    },
    async ({ query, raw }, reply) => {
      const asked = query.domain.map(readName).map(challengeDomain);
      const known = (await services.store.delegations.list()).map(({ domain }) => readName(domain));
      const domains = asked.length > 0 ? [...new Set(asked)] : known;
      const gone = new AbortController();
      raw.on('close', () => gone.abort());
      const signal = AbortSignal.any([gone.signal, AbortSignal.timeout(longestMs)]);
      const lines = async function* (): AsyncGenerator<string> {
        for await (const examined of examine(domains, services, signal)) {
          yield `${JSON.stringify(examined)}\n`;
        }
      };
      return reply.type('application/x-ndjson').send(Readable.from(lines()));
    },
  );

  api.get(
    '/v1/records',
    {
      config: { scope: 'read' },
      schema: {
        summary: 'Every DNS record that should exist, and whether it does',
        response: { 200: z.object({ records: z.array(recordView) }) },
      },
    },
    async () => {
      const { delegations, certificates } = services.store;
      const context = { ...services, delegations, certificates };
      return { records: [...(await listRecords(context, AbortSignal.timeout(longestMs)))] };
    },
  );
}
