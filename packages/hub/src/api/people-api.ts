import swagger from '@fastify/swagger';
import fastify, { type FastifyInstance } from 'fastify';
import {
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod';
import { guard, type Access } from './access.js';
import { accountRoutes } from './account-routes.js';
import { agentRoutes } from './agent-routes.js';
import { alertRoutes } from './alert-routes.js';
import { auditRoutes } from './audit-routes.js';
import { certificateRoutes } from './certificate-routes.js';
import { delegationRoutes } from './delegation-routes.js';
import { deploymentRoutes } from './deployment-routes.js';
import { doctorRoutes } from './doctor-routes.js';
import { describeRoute, describeSchemas, problemSchema } from './openapi.js';
import { eventRoutes } from './event-routes.js';
import { healthRoutes } from './health-routes.js';
import { importRoutes } from './import-routes.js';
import { issuanceRoutes } from './issuance-routes.js';
import { caRoutes } from './ca-routes.js';
import { masterKeyRoutes } from './master-key-routes.js';
import { pushRoutes } from './push-routes.js';
import { refuseUrl, sendProblems } from './problems.js';
import { refuseDeepBodies } from './body-depth.js';
import { rememberAnswers } from './idempotency.js';
import { tagAnswers } from './etag.js';
import type { PeopleServices } from './services.js';
import { rolloutRoutes } from './rollout-routes.js';
import { tokenRoutes } from './token-routes.js';
import { versionRoutes } from './version-routes.js';

/** Of a certificate (names.ts), with room for what is too long to be told so. */
const longestName = 1_024;

/** People's API; the same routes behind the Unix socket and behind TLS with tokens, only the access differs. */
export async function createPeopleApi(
  services: PeopleServices,
  access: Access,
): Promise<FastifyInstance> {
  const app = fastify({
    bodyLimit: 262_144,
    frameworkErrors: refuseUrl,
    routerOptions: { maxParamLength: longestName },
  });
  app.setValidatorCompiler(validatorCompiler).setSerializerCompiler(serializerCompiler);
  sendProblems(app, services.log);
  guard(app, access);
  refuseDeepBodies(app);
  await rememberAnswers(app, services.store.idempotency, services.clock);
  tagAnswers(app);
  services.metrics.watch(app);
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Sixhub',
        version: '1',
        description: 'Certificates, agents and what they serve.',
      },
      components: {
        securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
        schemas: { Problem: problemSchema },
      },
    },
    transform: describeRoute,
    transformObject: describeSchemas,
  });
  await app.register(async (routes) => {
    const within = routes.withTypeProvider<ZodTypeProvider>();
    certificateRoutes(within, services);
    versionRoutes(within, services);
    accountRoutes(within, services);
    issuanceRoutes(within, services);
    importRoutes(within, services);
    masterKeyRoutes(within, services);
    caRoutes(within, services);
    agentRoutes(within, services);
    rolloutRoutes(within, services);
    pushRoutes(within, services);
    tokenRoutes(within, services);
    auditRoutes(within, services);
    alertRoutes(within, services);
    doctorRoutes(within, services.doctor);
    delegationRoutes(within, services);
    deploymentRoutes(within, services);
    eventRoutes(within, services);
    healthRoutes(within, services);
  });
  return app;
}
