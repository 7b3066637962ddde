import { z } from 'zod';
import { docsPage, docsPolicy } from './docs-page.js';
import type { Api, PeopleServices } from './services.js';

const check = z.object({
  name: z.enum(['store', 'dns', 'authorities']),
  ok: z.boolean(),
  /** In words for who has a token; the log has them, too. */
  detail: z.string(),
});
const readiness = z.object({ status: z.enum(['ready', 'not-ready']), checks: z.array(check) });

/** For monitoring: the status code says it all. And what describes this API. */
export function healthRoutes(api: Api, { readiness: ready, metrics, log }: PeopleServices): void {
  api.get(
    '/healthz',
    {
      schema: {
        summary: 'The hub runs',
        response: { 200: z.object({ status: z.literal('ok') }) },
      },
    },
    () => ({ status: 'ok' as const }),
  );

  api.get(
    '/readyz',
    {
      schema: {
        summary: 'The hub can do its work: 200; it cannot: 503',
        description:
          "It looks at the store, at every DNS socket (by a question), and at the files of the authorities' settings.",
        response: { 200: readiness, 503: readiness },
      },
    },
    async (_request, reply) => {
      const checks = await ready.checks();
      const failed = checks.filter(({ ok }) => !ok);
      for (const { name, detail } of failed) log.warn({ check: name, detail }, 'not ready');
      // Everybody may ask, so that paths and addresses stay in the log.
      const shown = checks.map(({ name, ok }) => ({
        ...{ name, ok },
        detail: ok ? '' : 'see the log of the hub: journalctl -u sixhub',
      }));
      reply.header('Cache-Control', 'no-store').code(failed.length === 0 ? 200 : 503);
      return {
        status: failed.length === 0 ? ('ready' as const) : ('not-ready' as const),
        checks: shown,
      };
    },
  );

  api.get(
    '/metrics',
    {
      config: { scope: 'metrics' },
      schema: { summary: 'Metrics for Prometheus', produces: ['text/plain'] },
    },
    async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text()),
  );

  api.get('/openapi.json', { schema: { hide: true } }, () => api.swagger());

  api.get('/docs', { schema: { hide: true } }, (_request, reply) =>
    reply
      .header('Content-Security-Policy', docsPolicy)
      .type('text/html; charset=utf-8')
      .send(docsPage(api.swagger())),
  );
}
