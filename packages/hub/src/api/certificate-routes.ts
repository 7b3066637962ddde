import { keyKinds, type KeyKind } from '@sixhub/acme';
import { agentName, certificateName, type AgentName, type CertificateName } from '@sixhub/protocol';
import { z } from 'zod';
import { mayLive, nextKeyOn } from '../agents/key-places.js';
import { isSameWish, wishOf, type Wish } from '../issuance/runner.js';
import type { Certificate } from '../domain/certificate.js';
import type { Issuance, Step } from '../domain/issuance.js';
import { noCertificate, Refusal } from '../domain/refusal.js';
import { linkNext, nextCursor, pageOf, pageQuery } from './paging.js';
import { Remembered } from './remembered.js';
import { readName } from './read-name.js';
import type { Api, PeopleServices } from './services.js';
import {
  certificateView,
  issuanceView,
  viewCertificate,
  viewIssuance,
  viewPending,
  viewTold,
  type CertificateView,
} from './views.js';

const asItIs = (text: unknown): string => String(text);

const named = z.object({ name: certificateName });

const wanted = z.strictObject({
  name: certificateName,
  names: z.array(z.string()).min(1).max(100),
  key: z.enum(keyKinds, { error: `is no kind of key; known: ${keyKinds.join(', ')}` }).optional(),
  reuseKey: z.boolean().optional(),
  keyOn: agentName
    .nullable()
    .optional()
    .describe('the agent that makes the keys and keeps them; null: the hub'),
});

const started = z.object({
  /** Null where the certificate is there already and nothing was started. */
  issuance: issuanceView.nullable(),
  /** The issuance was running before. */
  joined: z.boolean(),
  /** By the hub's clock: steps told before are those of earlier attempts. */
  askedAt: z.iso.datetime(),
});

/** What is not said stays as it is, and the key where it is, or is being made. */
function wishOfBody(
  body: z.infer<typeof wanted>,
  existing: Certificate | undefined,
  { defaultKey, place }: { readonly defaultKey: KeyKind; readonly place: AgentName | undefined },
): Wish {
  return {
    certificate: body.name,
    names: [...new Set(body.names.map(readName))],
    keyKind: body.key ?? existing?.keyKind ?? defaultKey,
    reuseKey: body.reuseKey ?? existing?.reuseKey ?? false,
    keyOn: body.keyOn === undefined ? place : (body.keyOn ?? undefined),
  };
}

/** As a grant is: it says which machine may have the certificate. */
function decidedAtHub(name: CertificateName): Refusal {
  return new Refusal(
    'forbidden',
    'socket-only',
    `where the key of ${name} lives is decided on the hub itself, not by a token`,
    'Use `hub issue` on the hub.',
  );
}

export function certificateRoutes(api: Api, services: PeopleServices): void {
  const { store, runner } = services;
  // What is late is so by the clock, too: to the minute.
  const minute = (): number => Math.floor(services.clock.now().getTime() / 60_000);
  const remembered = new Remembered(() => `${store.revision()} ${minute()}`);

  api.get(
    '/v1/certificates',
    {
      config: { scope: 'read' },
      schema: {
        summary: 'Certificates with their newest version and what agents serve, by name',
        querystring: pageQuery.extend({
          expiring_before: z.iso
            .datetime({ offset: true })
            .optional()
            .describe('whose newest version ends before'),
          issuance: z
            .enum(['running', 'failed'])
            .optional()
            .describe('whose latest issuance is unfinished, or ended so that a person must help'),
          agent: agentName.optional().describe('that this agent has a grant for'),
        }),
        response: { 200: z.object({ certificates: z.array(certificateView), next: nextCursor }) },
      },
    },
    async (request, reply) => {
      const { limit, cursor: after, expiring_before: before, issuance, agent } = request.query;
      const filter = {
        ...{ issuance, agent },
        expiringBefore: before === undefined ? undefined : new Date(before),
      };
      const { rows, next } = await pageOf(
        limit,
        (many) => store.overview.certificates(filter, { after, limit: many }),
        ({ certificate }) => certificate.name,
      );
      const gone = await store.delegations.gone();
      linkNext(request, reply, next);
      const now = services.clock.now();
      const certificates: CertificateView[] = [];
      for (const row of rows) {
        const {
          standings: _,
          rollout,
          ...view
        } = viewCertificate(row, {
          ...{ now, gone },
          told: await lastStep(row.issuance),
        });
        certificates.push({ ...view, rollout: rollout && { ...rollout, waiting: undefined } });
      }
      return { certificates, next };
    },
  );

  api.get(
    '/v1/certificates/:name',
    {
      config: { scope: 'read' },
      schema: {
        summary: 'One certificate',
        params: named,
        response: { 200: certificateView },
      },
    },
    async ({ params: { name } }, reply) => {
      const answer = await remembered.answer(name, async () => JSON.stringify(await viewOf(name)));
      return reply
        .type('application/json; charset=utf-8')
        .serializer(asItIs)
        .send(answer as unknown as CertificateView); // the view, written already
    },
  );

  api.post(
    '/v1/certificates',
    {
      config: { scope: 'write' },
      schema: {
        summary: 'Issue a certificate, or join its running issuance',
        body: wanted,
        response: { 200: started, 201: started },
      },
    },
    async ({ body, actor }, reply) => {
      const existing = await store.certificates.find(body.name);
      const place = await nextKeyOn(body.name, store);
      const wish = wishOfBody(body, existing, { defaultKey: services.defaultKey, place });
      const { names, keyOn } = wish;
      if (keyOn !== place && actor !== 'socket') throw decidedAtHub(body.name);
      const unchanged = existing !== undefined && isSameWish(wishOf(existing), wish);
      const version = await store.certificates.newest(body.name);
      const running = await store.issuances.unfinishedOf(body.name);
      const stands =
        version !== undefined &&
        version.revoked === undefined &&
        version.notAfter > services.clock.now();
      if (unchanged && running === undefined && stands) {
        return { issuance: null, joined: false, askedAt: services.clock.now().toISOString() };
      }
      if (keyOn !== undefined) await mayLive({ name: body.name, names, keyOn }, services);
      // An issued certificate gets its other names or key with the version that has them.
      if (version === undefined) {
        await store.certificates.save({
          ...{ name: body.name, names, keyKind: wish.keyKind, reuseKey: wish.reuseKey, keyOn },
          createdAt: existing?.createdAt ?? services.clock.now(),
        });
      }
      if (keyOn !== undefined) await giveTo(keyOn, body.name, actor);
      return start(wish, actor, 'certificate.issue', (code) => reply.code(code));
    },
  );

  api.post(
    '/v1/certificates/:name/renew',
    {
      config: { scope: 'write' },
      schema: {
        summary: 'Renew now, whatever the calendar says',
        params: named,
        response: { 200: started, 201: started },
      },
    },
    async ({ params, actor }, reply) => {
      const certificate = await store.certificates.find(params.name);
      if (certificate === undefined) throw noCertificate(params.name);
      const { name, names } = certificate;
      const keyOn = await nextKeyOn(name, store);
      if (keyOn !== undefined) await mayLive({ name, names, keyOn }, services);
      return start({ ...wishOf(certificate), keyOn }, actor, 'certificate.renew', (code) =>
        reply.code(code),
      );
    },
  );

  /** Who is to make the key may have the certificate. */
  async function giveTo(agent: AgentName, name: CertificateName, actor: string): Promise<void> {
    const { grants } = await services.agents.find(agent);
    if (!grants.includes(name)) await services.agents.grant(agent, name, actor);
  }

  async function start(
    wish: Wish,
    actor: string,
    action: string,
    answer: (code: 200 | 201) => unknown,
  ): Promise<z.infer<typeof started>> {
    const { certificate: object, names } = wish;
    const askedAt = services.clock.now().toISOString();
    const { issuance, joined } = await runner.request(wish);
    if (!joined) await store.audit.append({ actor, action, object, detail: names.join(' ') });
    answer(joined ? 200 : 201);
    return { issuance: viewIssuance(issuance), joined, askedAt };
  }

  /** Why it is not done: a problem, or the records that it waits for. */
  async function lastStep(issuance: Issuance | undefined): Promise<Step | undefined> {
    // One that is done told last that the version is stored, which is there to be seen.
    if (issuance === undefined || issuance.stage === 'done') return undefined;
    return store.issuances.newestStep(issuance.id);
  }

  async function viewOf(name: CertificateName): Promise<CertificateView> {
    const now = services.clock.now();
    const overview = await store.overview.certificate(name, now);
    if (overview === undefined) throw noCertificate(name);
    const told = await lastStep(overview.issuance);
    const view = viewCertificate(overview, { now, told, gone: await store.delegations.gone() });
    const pending = await store.revocations.of(name);
    return {
      ...view,
      told: viewTold(told),
      revocationsPending: pending.map(viewPending),
    };
  }
}
