import { createHash } from 'node:crypto';
import { TLSSocket } from 'node:tls';
import type { KeyKind } from '@sixhub/acme';
import {
  bundle,
  certificateName,
  enrolRequest,
  identity,
  identityRequest,
  manifest,
  report,
  type KeyFamily,
  type Manifest,
} from '@sixhub/protocol';
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import {
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod';
import { z } from 'zod';
import { errorText, type Clock } from '@sixhub/base';
import type { Agents } from '../agents/agents.js';
import type { Version } from '../domain/certificate.js';
import { mergeServices, type Agent } from '../domain/agent.js';
import type { Log } from '../ports.js';
import type { Store } from '../store/store.js';
import { refuseDeepBodies } from './body-depth.js';
import { AttemptLimit, networkOf } from './attempt-limit.js';
import { Refusal } from '../domain/refusal.js';
import { sendProblems } from './problems.js';

export interface AgentsApiServices {
  readonly store: Store;
  readonly agents: Agents;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * The agents' API. Every route but `/v1/enroll` needs the hub's own client certificate, and the agent's status is
 * read at each request: a removed agent is cut off with its next one. Each object is checked against its grants.
 */
export async function createAgentsApi(services: AgentsApiServices): Promise<FastifyInstance> {
  const { store, agents, clock, log } = services;
  const app = fastify({ bodyLimit: 1_048_576 });
  const api = app
    .setValidatorCompiler(validatorCompiler)
    .setSerializerCompiler(serializerCompiler)
    .withTypeProvider<ZodTypeProvider>();
  sendProblems(app, log);
  refuseDeepBodies(app);
  const enrolments = new AttemptLimit({ attempts: 10, inAll: 200, perMs: 60_000 });

  api.post(
    '/v1/enroll',
    { schema: { body: enrolRequest, response: { 200: identity } } },
    ({ body, ip }) => {
      if (!enrolments.allow(networkOf(ip), clock.now())) {
        throw new Refusal(
          'too-many',
          'too-many-enrolments',
          'too many tries from this address',
          'Wait a minute.',
        );
      }
      return agents.enrol(body, ip);
    },
  );

  /** When it was there last; a disk that is full keeps no agent from what it may have. */
  const noteSeen = async ({ id, name }: Agent): Promise<void> => {
    try {
      await store.agents.seen(id, clock.now());
    } catch (error) {
      log.warn(
        { agent: name, error: errorText(error) },
        'that an agent was there is not written down',
      );
    }
  };

  api.get(
    '/v1/agent/manifest',
    { schema: { response: { 200: manifest, 304: z.null() } } },
    async (request, reply) => {
      const agent = await caller(request);
      await noteSeen(agent);
      const wanted = await manifestOf(agent);
      const etag = `"${createHash('sha256').update(JSON.stringify(wanted)).digest('base64url')}"`;
      reply.header('ETag', etag);
      if (request.headers['if-none-match'] === etag) return reply.code(304).send(null);
      return wanted;
    },
  );

  api.get(
    '/v1/agent/bundles/:name',
    { schema: { params: z.object({ name: certificateName }), response: { 200: bundle } } },
    async (request, reply) => {
      const agent = await caller(request);
      const { name } = request.params;
      if (!agent.grants.includes(name)) {
        await store.audit.append({
          actor: `agent:${agent.name}`,
          action: 'bundle.refused',
          object: name,
        });
        throw new Refusal(
          'forbidden',
          'no-grant',
          `the agent ${agent.name} has no grant for ${name}`,
          `On the hub: hub agent grant ${agent.name} ${name}`,
        );
      }
      const version = standing(await store.certificates.newest(name));
      const privateKey = version && (await store.certificates.privateKey(version.id));
      if (version === undefined || privateKey === undefined) {
        throw new Refusal(
          'unknown',
          'no-version',
          `${name} has no version yet, or none that is not revoked`,
          `On the hub: hub show ${name}`,
        );
      }
      await store.audit.append({
        actor: `agent:${agent.name}`,
        action: 'bundle.read',
        object: name,
        detail: version.id,
      });
      reply.header('Cache-Control', 'no-store');
      return {
        name,
        version: version.id,
        certificate: version.leaf,
        chain: version.chain,
        privateKey,
      };
    },
  );

  api.post(
    '/v1/agent/reports',
    { schema: { body: report, response: { 204: z.null() } } },
    async (request, reply) => {
      const agent = await caller(request);
      for (const { certificate, version, installed, detail, services: results } of request.body
        .deployments) {
        if (!agent.grants.includes(certificate)) continue; // taken away since the agent asked
        const before = await store.agents.deployment(agent.id, certificate);
        await store.agents.saveDeployment(agent.id, {
          agent: agent.name,
          certificate,
          version,
          installed,
          detail,
          services: mergeServices(results, version, before),
          reportedAt: clock.now(),
        });
      }
      await noteSeen(agent);
      return reply.code(204).send(null);
    },
  );

  api.post(
    '/v1/agent/identity',
    { schema: { body: identityRequest, response: { 200: identity } } },
    (request) => caller(request).then((agent) => agents.renewIdentity(agent, request.body.csr)),
  );

  return app;

  async function caller({ raw }: FastifyRequest): Promise<Agent> {
    const { socket } = raw;
    if (!(socket instanceof TLSSocket) || !socket.authorized) {
      throw new Refusal(
        'unauthenticated',
        'no-client-certificate',
        'this needs a client certificate of this hub',
        'Enrol the agent: hub-agent enroll',
      );
    }
    const { subject } = socket.getPeerCertificate();
    const id: unknown = 'serialNumber' in subject ? subject.serialNumber : undefined;
    const agent = typeof id === 'string' ? await store.agents.byId(id) : undefined;
    if (agent?.status === 'active') return agent;
    throw new Refusal(
      'unauthenticated',
      'agent-removed',
      `the agent ${subject.CN} is not known here any more`,
      'Enrol it anew: `hub agent add NAME` on the hub, then `hub-agent enroll`.',
    );
  }

  async function manifestOf(agent: Agent): Promise<Manifest> {
    const certificates = await Promise.all(
      agent.grants.map(async (name) => {
        const version = standing(await store.certificates.newest(name));
        const certificate = await store.certificates.find(name);
        if (version === undefined || certificate === undefined) return [];
        const { id, fingerprint, notAfter } = version;
        const names = [...certificate.names];
        const revoked = [...(await store.certificates.revokedFingerprints(name, clock.now()))];
        return [
          {
            ...{ name, version: id, fingerprint, names, revoked },
            notAfter: notAfter.toISOString(),
            key: keyFamilyOf(certificate.keyKind),
          },
        ];
      }),
    );
    return { certificates: certificates.flat() };
  }
}

function keyFamilyOf(kind: KeyKind): KeyFamily {
  return kind === 'p256' || kind === 'p384' ? 'ecdsa' : 'rsa';
}

/** A revoked version is given to nobody, whatever comes after it. */
function standing(version: Version | undefined): Version | undefined {
  return version?.revoked === undefined ? version : undefined;
}
