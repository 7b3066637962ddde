import { agentName, certificateName } from '@sixhub/protocol';
import { z } from 'zod';
import { linkNext, nextCursor, pageOf, pageQuery } from './paging.js';
import { readPlace } from './place.js';
import type { Api, PeopleServices } from './services.js';
import { deploymentStates } from '../store/overview.js';
import { standingsOf } from '../domain/standing.js';
import { viewStanding } from './standing-view.js';
import { deploymentView, viewDeployment } from './views.js';

export function deploymentRoutes(api: Api, { store, clock }: PeopleServices): void {
  api.get(
    '/v1/deployments',
    {
      config: { scope: 'read' },
      schema: {
        summary: 'What agents have installed and which service serves it, by agent and certificate',
        querystring: pageQuery.extend({
          agent: agentName.optional(),
          certificate: certificateName.optional(),
          state: z
            .enum(deploymentStates)
            .optional()
            .describe('where a service is in this state, or nothing was installed'),
        }),
        response: { 200: z.object({ deployments: z.array(deploymentView), next: nextCursor }) },
      },
    },
    async (request, reply) => {
      const { limit, cursor, agent, certificate, state } = request.query;
      const after = cursor === undefined ? undefined : readPlace(cursor);
      const { rows, next } = await pageOf(
        limit,
        (many) => store.overview.deployments({ agent, certificate, state }, { after, limit: many }),
        (row) => `${row.agent.name} ${row.certificate}`,
      );
      linkNext(request, reply, next);
      const now = clock.now();
      const deployments = rows.map((holding) => ({
        ...viewDeployment(holding.deployment),
        standings: standingsOf(holding, now).map(viewStanding),
      }));
      return { deployments, next };
    },
  );
}
