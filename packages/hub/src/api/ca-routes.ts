import { z } from 'zod';
import type { PrivateCa } from '../ca/private-ca.js';
import type { Api, PeopleServices } from './services.js';

const oneCa = z.object({ sha256: z.string(), notAfter: z.iso.datetime() });

const caView = z
  .object({
    /** The CA that the hub shows itself by, and that join tokens name. */
    serving: oneCa,
    /** The one that succeeds it, while it is being changed. */
    next: oneCa.nullable(),
    /** Active agents that do not have the newest of them yet: their number, and the first hundred by name. */
    without: z.object({ count: z.number().int(), agents: z.array(z.string()) }),
    /** Invited agents whose join tokens name the one that is being replaced. */
    invited: z.array(z.string()),
    /** Until then client certificates of the CA before count, for who slept through the change. */
    formerUntil: z.iso.datetime().nullable(),
    /** PEM of all by which the hub may show itself. */
    trusted: z.string(),
  })
  .meta({ id: 'Ca' });
export type CaView = z.infer<typeof caView>;

export function caRoutes(api: Api, { agents: { ca } }: PeopleServices): void {
  const view = async (): Promise<CaView> => {
    const { serving, next, former } = ca.state;
    const { agents, count, invited } = await ca.waitsFor();
    return {
      serving: viewCa(serving),
      next: next === undefined ? null : viewCa(next),
      without: { count, agents: [...agents] },
      invited: [...invited],
      formerUntil: former[0]?.until.toISOString() ?? null,
      trusted: ca.trusted,
    };
  };

  api.get(
    '/v1/ca',
    {
      config: { scope: 'read' },
      schema: {
        summary: "The hub's own CA, and how far a change of it is",
        response: { 200: caView },
      },
    },
    view,
  );

  api.post(
    '/v1/ca/rotate',
    {
      config: { scope: 'socket' },
      schema: { summary: 'Begin to change the CA', response: { 200: caView } },
    },
    async ({ actor }) => {
      await ca.rotate(actor);
      return view();
    },
  );

  api.post(
    '/v1/ca/finish',
    {
      config: { scope: 'socket' },
      schema: {
        summary: 'Change the CA now, whoever does not have the new one yet',
        body: z.strictObject({ distrust: z.boolean().default(false) }),
        response: { 200: caView },
      },
    },
    async ({ actor, body }) => {
      await ca.finish(actor, body.distrust);
      return view();
    },
  );
}

function viewCa({ sha256, notAfter }: PrivateCa): z.infer<typeof oneCa> {
  return { sha256, notAfter: notAfter.toISOString() };
}
