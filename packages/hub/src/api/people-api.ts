import swagger from '@fastify/swagger';
import fastify, { type FastifyInstance } from 'fastify';
import {
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod';
import { z } from 'zod';
import { guard, type Access } from './access.js';
import { accountRoutes } from './account-routes.js';
import { agentRoutes } from './agent-routes.js';
import { auditRoutes } from './audit-routes.js';
import { certificateRoutes } from './certificate-routes.js';
import { doctorRoutes } from './doctor-routes.js';
import { importRoutes } from './import-routes.js';
import { issuanceRoutes } from './issuance-routes.js';
import { masterKeyRoutes } from './master-key-routes.js';
import { sendProblems } from './problems.js';
import type { Api, PeopleServices } from './services.js';
import { tokenRoutes } from './token-routes.js';
import { versionRoutes } from './version-routes.js';

/** People's API; the same routes behind the Unix socket and behind TLS with tokens, only the access differs. */
export async function createPeopleApi(
  services: PeopleServices,
  access: Access,
): Promise<FastifyInstance> {
  const app = fastify({ bodyLimit: 262_144 });
  const api: Api = app
    .setValidatorCompiler(validatorCompiler)
    .setSerializerCompiler(serializerCompiler)
    .withTypeProvider<ZodTypeProvider>();
  guard(app, access);
  sendProblems(app, services.log);
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Sixhub',
        version: '1',
        description: 'Certificates, agents and what they serve.',
      },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    },
    transform: jsonSchemaTransform,
  });
  await app.register(async (routes) => {
    const within = routes.withTypeProvider<ZodTypeProvider>();
    certificateRoutes(within, services);
    versionRoutes(within, services);
    accountRoutes(within, services);
    issuanceRoutes(within, services);
    importRoutes(within, services);
    masterKeyRoutes(within, services);
    agentRoutes(within, services);
    tokenRoutes(within, services);
    auditRoutes(within, services);
    doctorRoutes(within, services.doctor);
    within.get(
      '/healthz',
      {
        schema: {
          summary: 'The hub runs',
          response: { 200: z.object({ status: z.literal('ok') }) },
        },
      },
      () => ({ status: 'ok' as const }),
    );
    within.get('/openapi.json', { schema: { hide: true } }, () => api.swagger());
  });
  return app;
}
