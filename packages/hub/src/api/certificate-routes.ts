import { keyKinds } from '@sixhub/acme';
import { certificateName, type CertificateName } from '@sixhub/protocol';
import { z } from 'zod';
import type { Wish } from '../issuance/runner.js';
import { noCertificate } from '../domain/refusal.js';
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

const named = z.object({ name: certificateName });

const started = z.object({
  /** Null where the certificate is there already and nothing was started. */
  issuance: issuanceView.nullable(),
  /** The issuance was running before. */
  joined: z.boolean(),
  /** By the hub's clock: steps told before are those of earlier attempts. */
  askedAt: z.iso.datetime(),
});

export function certificateRoutes(api: Api, services: PeopleServices): void {
  const { store, runner } = services;

  api.get(
    '/v1/certificates',
    {
      config: { scope: 'read' },
      schema: {
        summary: 'All certificates with their newest version and what agents serve',
        response: { 200: z.object({ certificates: z.array(certificateView) }) },
      },
    },
    async () => {
      const [certificates, newest, agents, gone] = await Promise.all([
        store.certificates.list(),
        store.certificates.newestOfAll(),
        store.agents.list(),
        store.delegations.gone(),
      ]);
      const views = certificates.map(async (certificate) =>
        viewCertificate({
          ...{ certificate, agents, gone },
          version: newest.get(certificate.name),
          issuance: await store.issuances.newestOf(certificate.name),
          deployments: await store.agents.deploymentsOf(certificate.name),
        }),
      );
      return { certificates: await Promise.all(views) };
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
    ({ params }) => viewOf(params.name),
  );

  api.post(
    '/v1/certificates',
    {
      config: { scope: 'write' },
      schema: {
        summary: 'Issue a certificate, or join its running issuance',
        body: z.strictObject({
          name: certificateName,
          names: z.array(z.string()).min(1).max(100),
          key: z
            .enum(keyKinds, { error: `is no kind of key; known: ${keyKinds.join(', ')}` })
            .optional(),
          reuseKey: z.boolean().optional(),
        }),
        response: { 200: started, 201: started },
      },
    },
    async ({ body, actor }, reply) => {
      const names = [...new Set(body.names.map(readName))];
      const existing = await store.certificates.find(body.name);
      const keyKind = body.key ?? existing?.keyKind ?? services.defaultKey;
      const reuseKey = body.reuseKey ?? existing?.reuseKey ?? false;
      const unchanged =
        existing !== undefined &&
        existing.keyKind === keyKind &&
        existing.reuseKey === reuseKey &&
        [...existing.names].toSorted().join() === names.toSorted().join();
      const version = await store.certificates.newest(body.name);
      const running = await store.issuances.unfinishedOf(body.name);
      if (
        unchanged &&
        running === undefined &&
        version?.revoked === undefined &&
        version !== undefined &&
        version.notAfter > services.clock.now()
      ) {
        return { issuance: null, joined: false, askedAt: services.clock.now().toISOString() };
      }
      // An issued certificate gets its other names or key with the version that has them.
      if (version === undefined) {
        await store.certificates.save({
          name: body.name,
          names,
          keyKind,
          reuseKey,
          createdAt: existing?.createdAt ?? services.clock.now(),
        });
      }
      const wish = { certificate: body.name, names, keyKind, reuseKey };
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
      const { name, names, keyKind, reuseKey } = certificate;
      const wish = { certificate: name, names, keyKind, reuseKey };
      return start(wish, actor, 'certificate.renew', (code) => reply.code(code));
    },
  );

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
  async function lastWord(issuance: string): Promise<CertificateView['told']> {
    const step = await store.issuances.newestStep(issuance);
    return step?.kind === 'problem' || step?.kind === 'delegation-wanted' ? viewTold(step) : null;
  }

  async function viewOf(name: CertificateName): Promise<CertificateView> {
    const certificate = await store.certificates.find(name);
    if (certificate === undefined) throw noCertificate(name);
    const [version, issuance, deployments, agents, gone] = await Promise.all([
      store.certificates.newest(name),
      store.issuances.newestOf(name),
      store.agents.deploymentsOf(name),
      store.agents.list(),
      store.delegations.gone(),
    ]);
    const facts = { certificate, version, issuance, deployments, agents, gone };
    const view = viewCertificate(facts);
    const told = issuance === undefined ? null : await lastWord(issuance.id);
    const pending = await store.revocations.of(name);
    return { ...view, told, revocationsPending: pending.map(viewPending) };
  }
}
