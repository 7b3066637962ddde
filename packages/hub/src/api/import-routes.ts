import { z } from 'zod';
import { takeAccount, takeLineage, type TakeOverContext } from '../certbot/take-over.js';
import type { Api, PeopleServices } from './services.js';

const lineage = z.strictObject({
  name: z.string().min(1).max(253),
  fullchain: z.string(),
  privateKey: z.string(),
  server: z.string().optional(),
  reuseKey: z.boolean(),
  notes: z.array(z.string()),
});

const lineageAnswer = z.object({
  kind: z.enum(['taken', 'there', 'untaken']),
  certificate: z.string().nullable(),
  names: z.array(z.string()),
  keyKind: z.string().nullable(),
  reuseKey: z.boolean(),
  authority: z.string().nullable(),
  notAfter: z.iso.datetime().nullable(),
  /** Settings that were not taken, and other things worth knowing. */
  notes: z.array(z.string()),
  why: z.string().nullable(),
  hint: z.string().nullable(),
});
export type LineageAnswer = z.infer<typeof lineageAnswer>;

const account = z.strictObject({
  directory: z.url({ protocol: /^https$/ }),
  url: z.url({ protocol: /^https$/ }),
  key: z.string(),
});
const accountAnswer = z.object({
  kind: z.enum(['taken', 'there']),
  /** Its name in hub.toml; null where that has none with this directory. */
  authority: z.string().nullable(),
});
export type AccountAnswer = z.infer<typeof accountAnswer>;

/** What `hub import` hands over of a tree that only root may read; private keys come in, and none goes out. */
export function importRoutes(api: Api, services: PeopleServices): void {
  const { store, authorities, clock, doctor } = services;
  const context: TakeOverContext = {
    ...{ store, authorities, clock },
    challengeServer: doctor.challengeServer,
  };

  api.post(
    '/v1/import/lineages',
    {
      config: { scope: 'socket' },
      schema: {
        summary: "Take over one of certbot's certificates",
        body: z.strictObject({ lineage, dryRun: z.boolean() }),
        response: { 200: lineageAnswer },
      },
    },
    async ({ body, actor }) => {
      const given = { ...body.lineage, server: body.lineage.server };
      const verdict = await takeLineage(given, body.dryRun, context);
      if (verdict.kind === 'untaken') {
        const { kind, why, hint } = verdict;
        return { ...nothing, kind, why, hint };
      }
      const { kind, certificate, version, notes } = verdict;
      if (kind === 'taken' && !body.dryRun) {
        await store.audit.append({
          actor,
          action: 'certificate.import',
          object: certificate.name,
          detail: version.fingerprint,
        });
      }
      return {
        ...nothing,
        kind,
        certificate: certificate.name,
        names: [...certificate.names],
        keyKind: certificate.keyKind,
        reuseKey: certificate.reuseKey,
        authority: version.authority,
        notAfter: version.notAfter.toISOString(),
        notes: [...notes],
      };
    },
  );

  api.post(
    '/v1/import/accounts',
    {
      config: { scope: 'socket' },
      schema: {
        summary: 'Take over an account at an authority, where the hub has none there',
        body: z.strictObject({ account, dryRun: z.boolean() }),
        response: { 200: accountAnswer },
      },
    },
    async ({ body, actor }) => {
      const { directory } = body.account;
      const kind = await takeAccount(body.account, body.dryRun, context);
      if (kind === 'taken' && !body.dryRun) {
        await store.audit.append({ actor, action: 'account.import', object: directory });
      }
      const authority = authorities.all().find((one) => one.directory === directory);
      return { kind, authority: authority?.name ?? null };
    },
  );
}

const nothing = {
  certificate: null,
  names: [],
  keyKind: null,
  reuseKey: false,
  authority: null,
  notAfter: null,
  notes: [],
  why: null,
  hint: null,
};
