import { z } from 'zod';
import { Refusal } from '../domain/refusal.js';
import type { WatchedDelegation } from '../store/delegations.js';
import { linkNext, nextCursor, pageOf, pageQuery } from './paging.js';
import { readName } from './read-name.js';
import type { Api, PeopleServices } from './services.js';

const time = z.iso.datetime();
const state = z.enum(['there', 'doubted', 'gone']);

const delegationView = z
  .object({
    domain: z.string(),
    /** The record that has to exist for good. */
    record: z.object({ name: z.string(), type: z.literal('CNAME'), value: z.string() }),
    /** Null while no certificate in use needs it: nobody looks. */
    watch: z
      .object({
        /** `doubted`: missing at the last look; a single look can meet a server that is being updated. */
        state,
        since: time,
        /** What was seen instead; empty where it is there. */
        seen: z.string(),
        lookedAt: time.nullable(),
        nextLookAt: time,
        /** When the last certificate that needs it ends. */
        neededUntil: time,
      })
      .nullable(),
  })
  .meta({ id: 'Delegation' });
type DelegationView = z.infer<typeof delegationView>;

export function delegationRoutes(api: Api, { store }: PeopleServices): void {
  api.get(
    '/v1/delegations',
    {
      config: { scope: 'read' },
      schema: {
        summary: 'The domains with their CNAME, and whether it is there',
        querystring: pageQuery.extend({ state: state.optional() }),
        response: { 200: z.object({ delegations: z.array(delegationView), next: nextCursor }) },
      },
    },
    async (request, reply) => {
      const { limit, cursor: after, state: wanted } = request.query;
      const { rows, next } = await pageOf(
        limit,
        (many) => store.delegations.page(wanted, { after, limit: many }),
        ({ domain }) => domain,
      );
      linkNext(request, reply, next);
      return { delegations: rows.map(view), next };
    },
  );

  api.get(
    '/v1/delegations/:domain',
    {
      config: { scope: 'read' },
      schema: {
        summary: "One domain's CNAME",
        params: z.object({ domain: z.string() }),
        response: { 200: delegationView },
      },
    },
    async ({ params }) => {
      const domain = readName(params.domain);
      const found = await store.delegations.find(domain);
      if (found !== undefined) return view(found);
      throw new Refusal(
        'unknown',
        'no-delegation',
        `no certificate was ever asked for ${domain}, so it has no CNAME target here`,
        `hub issue ${domain} makes one.`,
      );
    },
  );
}

function view({ domain, target, watch }: WatchedDelegation): DelegationView {
  return {
    domain,
    record: { name: `_acme-challenge.${domain}`, type: 'CNAME', value: target },
    watch: watch
      ? {
          state: watch.state,
          since: watch.since.toISOString(),
          seen: watch.seen,
          lookedAt: watch.lookedAt?.toISOString() ?? null,
          nextLookAt: watch.lookAt.toISOString(),
          neededUntil: watch.until.toISOString(),
        }
      : null,
  };
}
