import {
  bundle,
  certificateName,
  enrolRequest,
  identity,
  identityRequest,
  keyAnswer,
  lostKey,
  manifest,
  report,
  type HubFacts,
  type Manifest,
} from '@sixhub/protocol';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import {
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Clock } from '@sixhub/base';
import type { Attendance } from '../agents/attendance.js';
import type { Agents } from '../agents/agents.js';
import type { KeyRequests } from '../agents/key-requests.js';
import { mergeServices, type Agent } from '../domain/agent.js';
import type { Log } from '../ports.js';
import type { Rollouts } from '../rollout/rollouts.js';
import type { Store } from '../store/store.js';
import { AgentCallers } from './agent-caller.js';
import { refuseDeepBodies } from './body-depth.js';
import { AttemptLimit, networkOf } from './attempt-limit.js';
import { Refusal } from '../domain/refusal.js';
import type { HeldRequest, HeldRequests } from './held-requests.js';
import { ManifestReadings } from './manifest-readings.js';
import { manifestOf, standing } from './manifest.js';
import { waitOf } from './prefer.js';
import { sendProblems } from './problems.js';
import { writeSmall } from './small-writes.js';

export interface AgentsApiServices {
  readonly store: Store;
  readonly agents: Agents;
  readonly attendance: Attendance;
  readonly keys: KeyRequests;
  readonly held: HeldRequests;
  readonly hubFacts: () => HubFacts;
  /** SHA-256 of the CAs that agents may trust. */
  readonly knownCas: () => readonly string[];
  readonly rollouts: Pick<Rollouts, 'heard'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** A network's middle boxes forget a connection that is quiet for longer. */
const longestWaitS = 300;

/**
 * The agents' API. Every route but `/v1/enroll` needs the hub's own client certificate, and the agent's status is
 * read at each request: a removed agent is cut off with its next one. Each object is checked against its grants.
 */
export async function createAgentsApi(services: AgentsApiServices): Promise<FastifyInstance> {
  const { store, agents, attendance, keys, held, hubFacts, knownCas, rollouts, clock, log } =
    services;
  const readings = new ManifestReadings(store);
  const app = fastify({ bodyLimit: 1_048_576 });
  const api = app
    .setValidatorCompiler(validatorCompiler)
    .setSerializerCompiler(serializerCompiler)
    .withTypeProvider<ZodTypeProvider>();
  sendProblems(app, log);
  refuseDeepBodies(app);
  writeSmall(app);
  const callers = new AgentCallers({ store, knownCas, clock, log });
  const caller = (request: FastifyRequest): Promise<Agent> => callers.of(request);
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

  api.get(
    '/v1/agent/manifest',
    { schema: { response: { 200: manifest, 304: z.null() } } },
    async (request, reply) => {
      const agent = await caller(request);
      await attendance.note(agent);
      const { 'if-none-match': known, prefer } = request.headers;
      const seconds = known === undefined ? 0 : waitOf(String(prefer ?? ''), longestWaitS);
      // Held before it is read: what changes in between is not missed.
      const hold = seconds === 0 ? undefined : held.open(agent, seconds, reply.raw);
      if (hold !== undefined) reply.header('Preference-Applied', `wait=${seconds}`); // RFC 7240 §3
      const news = await newsFor(agent, known, reply);
      if (news !== undefined) return news;
      if (hold === undefined) return reply.code(304).send(null);
      return newsWhenWoken(request, reply, hold); // not awaited: who waits keeps nothing of what is known here
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
      await readings.refresh(clock.now()); // what was revoked a moment ago is given to nobody
      const version = standing((await readings.wanted(agent.id, name))?.version, agent);
      const privateKey = version && (await store.certificates.privateKey(version.id));
      if (version === undefined || (privateKey === undefined && version.keyOn === undefined)) {
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
        ...(privateKey === undefined ? {} : { privateKey }),
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
      if (request.body.missing !== undefined) {
        await store.agents.saveWants(agent.id, request.body.missing);
      }
      if (request.body.host !== undefined) {
        const { host } = request.body;
        const before = agent.host;
        const since = before?.state === host?.state ? before?.since : host?.at;
        await store.hosts.save(agent.id, host && { ...host, since: since ?? host.at });
      }
      await attendance.note(agent);
      rollouts.heard();
      return reply.code(204).send(null);
    },
  );

  api.post(
    '/v1/agent/requests/:id',
    {
      schema: {
        params: z.object({ id: z.uuid() }),
        body: keyAnswer,
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      await keys.answer(await caller(request), request.params.id, request.body.csr);
      return reply.code(204).send(null);
    },
  );

  api.post(
    '/v1/agent/lost-keys',
    { schema: { body: lostKey, response: { 204: z.null() } } },
    async (request, reply) => {
      await keys.lost(await caller(request), request.body);
      return reply.code(204).send(null);
    },
  );

  api.post(
    '/v1/agent/identity',
    { schema: { body: identityRequest, response: { 200: identity } } },
    (request) =>
      caller(request).then((agent) =>
        agents.renewIdentity(agent, request.body.csr, request.body.ca),
      ),
  );

  return app;

  async function newsWhenWoken(
    request: FastifyRequest,
    reply: FastifyReply,
    hold: HeldRequest,
  ): Promise<Manifest | FastifyReply> {
    for (;;) {
      const waking = await hold.next();
      if (waking === 'closing') reply.header('Retry-After', held.spreadSeconds);
      if (waking !== 'changed') return reply.code(304).send(null);
      const news = await newsAgain(request, reply, hold);
      if (news !== undefined) return news;
    }
  }

  async function newsAgain(
    request: FastifyRequest,
    reply: FastifyReply,
    hold: HeldRequest,
  ): Promise<Manifest | undefined> {
    const agent = await stillCaller(request, reply);
    hold.of(agent);
    return newsFor(agent, request.headers['if-none-match'], reply);
  }

  /** What it should have, unless it knows. */
  async function newsFor(
    agent: Agent,
    known: string | undefined,
    reply: FastifyReply,
  ): Promise<Manifest | undefined> {
    const now = clock.now();
    await readings.refresh(now);
    const { etag, manifest: wanted } = await manifestOf(agent, readings, keys, now, hubFacts());
    reply.header('ETag', etag);
    return etag === known ? undefined : wanted;
  }

  /** One that was removed while its request was held is cut off with that. */
  async function stillCaller(request: FastifyRequest, reply: FastifyReply): Promise<Agent> {
    try {
      return await callers.again(request);
    } catch (error) {
      reply.header('Connection', 'close');
      throw error;
    }
  }
}
