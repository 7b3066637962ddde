import { z } from 'zod';
import { Refusal } from '../domain/refusal.js';
import { EventStreams } from './event-streams.js';
import type { Api, PeopleServices } from './services.js';

/** RFC 9110 lists no such header; it is what EventSource sends when it connects again. */
const resume = z.object({ 'last-event-id': z.string().optional() });

export function eventRoutes(api: Api, { store, log }: PeopleServices): void {
  const streams = new EventStreams(store.events, log);
  api.addHook('onClose', () => streams.close());

  api.get(
    '/v1/events',
    {
      config: { scope: 'read' },
      schema: {
        summary: 'What happens, as it happens (server-sent events)',
        description:
          'Issuances, versions, deployments, delegations and agents. `Last-Event-ID`, or `after`, resumes after that ' +
          'event; an event `gap` tells that some before it are not kept any more: read the lists anew. A comment comes ' +
          'every 15 seconds. Who reads too slowly is cut off and resumes.',
        headers: resume,
        querystring: z.object({
          after: z.coerce.number().int().min(0).optional(),
          kind: z.string().max(64).optional().describe('`version.stored`, or `version` for all'),
          object: z.string().max(253).optional().describe('a certificate, domain or agent'),
        }),
        produces: ['text/event-stream'],
      },
    },
    async (request, reply) => {
      const { after, kind, object } = request.query;
      const last = readId(request.headers['last-event-id']) ?? after;
      if (!streams.mayOpen(request.actor)) {
        throw new Refusal(
          'too-many',
          'too-many-streams',
          `${request.actor} follows events in as many connections as it may`,
          'Close one; a stream has everything, so one is enough.',
          60,
        );
      }
      // RFC 9110 §9.3.2: what GET would say, without the events; Node sends no body, and nothing would end it.
      if (request.method === 'HEAD') return reply.type('text/event-stream').send();
      reply.hijack();
      await streams.open(reply.raw, { actor: request.actor, after: last, kind, object });
    },
  );
}

function readId(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new Refusal(
    'invalid',
    'bad-last-event-id',
    'Last-Event-ID is not an id of an event here',
    'Send the id of the last event that was read, or leave it out.',
  );
}
