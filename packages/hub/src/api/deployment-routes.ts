import { agentName, certificateName } from '@sixhub/protocol';
import { z } from 'zod';
import { linkNext, nextCursor, pageOf, pageQuery } from './paging.js';
import { readPlace } from './place.js';
import type { Api, PeopleServices } from './services.js';
import { deploymentView, viewDeployment } from './views.js';

export function deploymentRoutes(api: Api, { store }: PeopleServices): void {
  api.get(
    '/v1/deployments',
    {
      config: { scope: 'read' },
      schema: {
        summary: 'What agents have installed and which service serves it, by agent and certificate',
        querystring: pageQuery.extend({
          agent: agentName.optional(),
          certificate: certificateName.optional(),
        }),
        response: { 200: z.object({ deployments: z.array(deploymentView), next: nextCursor }) },
      },
    },
    async (request, reply) => {
      const { limit, cursor, agent, certificate } = request.query;
      const after = cursor === undefined ? undefined : readPlace(cursor);
      const { rows, next } = await pageOf(
        limit,
        (many) => store.overview.deployments({ agent, certificate }, { after, limit: many }),
        (row) => `${row.agent} ${row.certificate}`,
      );
      linkNext(request, reply, next);
      return { deployments: rows.map(viewDeployment), next };
    },
  );
}
