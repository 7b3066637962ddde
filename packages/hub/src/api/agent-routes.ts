import { agentName, certificateName } from '@sixhub/protocol';
import { z } from 'zod';
import { fleetFilter, fleetQuery, fleetView, viewFleetAgent } from './fleet-view.js';
import { linkNext, nextCursor, pageOf, pageQuery } from './paging.js';
import type { Api, PeopleServices } from './services.js';
import { standingsOfAll, viewStanding } from './standing-view.js';
import { agentView, viewAgent } from './agent-view.js';

const named = z.object({ name: agentName });
const granted = z.object({ name: agentName, certificate: certificateName });

export function agentRoutes(api: Api, { agents, store, clock }: PeopleServices): void {
  api.get(
    '/v1/agents',
    {
      config: { scope: 'read' },
      schema: {
        summary: 'Agents with their grants and how they stand, by name',
        querystring: pageQuery.extend(fleetQuery),
        response: { 200: z.object({ agents: z.array(agentView), next: nextCursor }) },
      },
    },
    async (request, reply) => {
      const { limit, cursor: after } = request.query;
      const { rows, next } = await pageOf(
        limit,
        (many) => store.fleet.page(fleetFilter(request.query), { after, limit: many }, clock.now()),
        ({ name }) => name,
      );
      linkNext(request, reply, next);
      const now = clock.now();
      return { agents: rows.map((agent) => viewFleetAgent(agent, now)), next };
    },
  );

  api.get(
    '/v1/fleet',
    {
      config: { scope: 'read' },
      schema: {
        summary: 'How agents stand, and which versions their programs are, in numbers',
        querystring: z.object(fleetQuery),
        response: { 200: fleetView },
      },
    },
    async ({ query }) => {
      const { versions, ...counts } = await store.fleet.summary(fleetFilter(query), clock.now());
      return { ...counts, versions: [...versions] };
    },
  );

  api.get(
    '/v1/agents/:name',
    {
      config: { scope: 'read' },
      schema: {
        summary: 'One agent, and how it stands with each certificate there',
        params: named,
        response: { 200: agentView },
      },
    },
    async ({ params }) => {
      const agent = await agents.find(params.name);
      const standings = standingsOfAll(await store.overview.ofAgent(agent.name), clock.now());
      return { ...viewAgent(agent, clock.now()), standings: standings.map(viewStanding) };
    },
  );

  api.post(
    '/v1/agents',
    {
      config: { scope: 'socket', secret: true },
      schema: {
        summary: 'Invite an agent; the join token is shown once',
        body: z.strictObject({ name: agentName, grants: z.array(certificateName).default([]) }),
        response: {
          201: z.object({ agent: agentView, token: z.string(), expiresAt: z.iso.datetime() }),
        },
      },
    },
    async ({ body, actor }, reply) => {
      const { agent, token, expiresAt } = await agents.invite(body.name, body.grants, actor);
      reply.code(201);
      return { agent: viewAgent(agent, clock.now()), token, expiresAt: expiresAt.toISOString() };
    },
  );

  api.put(
    '/v1/agents/:name/grants/:certificate',
    {
      config: { scope: 'socket' },
      schema: {
        summary: 'Let an agent have a certificate',
        params: granted,
        response: { 200: agentView },
      },
    },
    async ({ params, actor }) =>
      viewAgent(await agents.grant(params.name, params.certificate, actor), clock.now()),
  );

  api.delete(
    '/v1/agents/:name/grants/:certificate',
    {
      config: { scope: 'socket' },
      schema: {
        summary: 'Take a certificate from an agent',
        params: granted,
        response: { 200: agentView },
      },
    },
    async ({ params, actor }) =>
      viewAgent(await agents.ungrant(params.name, params.certificate, actor), clock.now()),
  );

  api.delete(
    '/v1/agents/:name',
    {
      config: { scope: 'socket' },
      schema: {
        summary: 'Remove an agent: its certificate is worth nothing from now on',
        params: named,
        response: { 204: z.null() },
      },
    },
    async ({ params, actor }, reply) => {
      await agents.remove(params.name, actor);
      return reply.code(204).send(null);
    },
  );
}
