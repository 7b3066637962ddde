import { agentName, certificateName, report } from '@sixhub/protocol';
import { parseEndpoint } from '@sixhub/wire';
import { z } from 'zod';
import { pushForms, type PushTarget } from '../domain/push-target.js';
import { parseHostKey } from '../push/pinned-trust.js';
import { fingerprintOf } from '../ssh/host-key.js';
import type { Api, PeopleServices } from './services.js';

const named = z.object({ name: agentName });
const time = z.iso.datetime();
const line = z
  .string()
  .min(1)
  .max(1_000)
  .refine((text) => !/[\0\r\n]/.test(text), 'is more than one line');
const hostKey = z
  .string()
  .max(16_384)
  .regex(/^[a-z0-9@.-]+ [A-Za-z0-9+/]+={0,2}$/, 'is no public key of a host');

const plain = z.strictObject({
  certificate: certificateName,
  files: z
    .array(
      z.strictObject({
        form: z.enum(pushForms),
        path: line.regex(/^\/.*[^/]$/, 'is no whole path of a file'),
        mode: z.int().min(0).max(0o777),
      }),
    )
    .min(1)
    .max(16),
  check: line.optional(),
  reload: line.optional(),
});

const newTarget = z.strictObject({
  name: agentName,
  grants: z.array(certificateName).default([]),
  user: z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9_.@-]{0,63}$/, 'is no name of a user'),
  host: z.string().regex(/^[a-z0-9:][a-z0-9.:%_-]{0,252}$/, 'is no host'),
  port: z.int().min(1).max(65_535),
  hostKey,
  connect: z
    .array(
      z
        .string()
        .refine((text) => parseEndpoint(text) !== undefined, 'is no [PROTOCOL://]HOST:PORT'),
    )
    .max(64),
  servernames: z.array(z.string().regex(/^[a-z0-9.-]{1,253}$/, 'is no DNS name')).max(64),
  plain: plain.optional(),
});

const targetView = z
  .object({
    name: agentName,
    grants: z.array(certificateName),
    user: z.string(),
    host: z.string(),
    port: z.number(),
    hostKey: z.object({ type: z.string(), fingerprint: z.string() }),
    connect: z.array(z.string()),
    servernames: z.array(z.string()),
    /** Null: by the receiver there, and its own list. */
    plain: plain.nullable(),
    /** For authorized_keys there. */
    publicKey: z.string(),
    dueAt: time,
    triedAt: time.nullable(),
    /** In a row. */
    failures: z.number(),
    /** Why the last try did not do all; empty where it did. */
    fact: z.string(),
  })
  .meta({ id: 'PushTarget' });
export type PushTargetView = z.infer<typeof targetView>;

const visitView = z
  .object({
    name: agentName,
    reports: report.shape.deployments,
    /** Why the host could not be come to, or not dealt with. */
    trouble: z.object({ fact: z.string(), hint: z.string(), exit: z.number() }).nullable(),
  })
  .meta({ id: 'PushVisit' });
export type PushVisitView = z.infer<typeof visitView>;

/** Hosts without an agent, to which the hub brings certificates by itself. They are removed as agents are. */
export function pushRoutes(api: Api, { pushTargets, push }: PeopleServices): void {
  const view = async (target: PushTarget): Promise<PushTargetView> => {
    const { place, settings, work } = target;
    const { type, blob } = parseHostKey(place.hostKey);
    return {
      ...{ name: target.name, grants: [...target.grants] },
      ...{ user: place.user, host: place.host, port: place.port },
      hostKey: { type, fingerprint: fingerprintOf({ blob }) },
      ...{ connect: [...settings.connect], servernames: [...settings.servernames] },
      plain:
        settings.plain === undefined
          ? null
          : { ...settings.plain, files: settings.plain.files.map((file) => ({ ...file })) },
      publicKey: (await pushTargets.publicKey(target)).trim(),
      dueAt: work.dueAt.toISOString(),
      triedAt: work.triedAt?.toISOString() ?? null,
      ...{ failures: work.failures, fact: work.fact },
    };
  };

  api.get(
    '/v1/push-targets',
    {
      config: { scope: 'read' },
      schema: {
        summary: 'Hosts that the hub pushes to, by name',
        response: { 200: z.object({ targets: z.array(targetView) }) },
      },
    },
    async () => ({ targets: await Promise.all((await pushTargets.all()).map(view)) }),
  );

  api.get(
    '/v1/push-targets/:name',
    {
      config: { scope: 'read' },
      schema: {
        summary: 'One of them: where it is, its key, and how the last push went',
        params: named,
        response: { 200: targetView },
      },
    },
    async ({ params }) => view(await pushTargets.find(params.name)),
  );

  api.post(
    '/v1/push-targets',
    {
      config: { scope: 'socket' },
      schema: {
        summary: 'Push to a host from now on; its key is made here',
        body: newTarget,
        response: { 201: targetView },
      },
    },
    async ({ body, actor }, reply) => {
      const { name, grants, user, host, port, connect, servernames } = body;
      const target = await pushTargets.add(
        {
          ...{ name, grants, place: { user, host, port, hostKey: body.hostKey } },
          settings: { connect, servernames, plain: body.plain },
        },
        actor,
      );
      return reply.code(201).send(await view(target));
    },
  );

  api.put(
    '/v1/push-targets/:name/host-key',
    {
      config: { scope: 'socket' },
      schema: {
        summary: 'Take a new key of the host: somebody has compared it',
        params: named,
        body: z.strictObject({ hostKey }),
        response: { 200: targetView },
      },
    },
    async ({ params, body, actor }) =>
      view(await pushTargets.trust(params.name, body.hostKey, actor)),
  );

  api.post(
    '/v1/push-targets/:name/run',
    {
      config: { scope: 'socket' },
      schema: {
        summary: 'Push now, and look whether it is served',
        params: named,
        response: { 200: visitView },
      },
    },
    async ({ params }) => {
      const { reports, trouble } = await push.runNow(params.name);
      return { name: params.name, reports: [...reports], trouble: trouble ?? null };
    },
  );
}
