import { z } from 'zod';
import { Refusal } from '../domain/refusal.js';
import type { Authority, AuthorityAccount } from '../ports.js';
import type { Api, PeopleServices } from './services.js';

const time = z.iso.datetime();

const authorityView = z.object({
  name: z.string(),
  directory: z.string(),
  account: z.object({
    /** Null before the first order. */
    url: z.string().nullable(),
    keyAt: time.nullable(),
    deactivatedAt: time.nullable(),
    /** A change of key was broken off; the next use settles it. */
    changingKey: z.boolean(),
    contact: z.array(z.string()),
  }),
});
export type AuthorityView = z.infer<typeof authorityView>;

/** A person waits for the answer. */
const longestMs = 60_000;

const changes: Readonly<
  Record<string, (account: AuthorityAccount, signal: AbortSignal) => Promise<void>>
> = {
  update: (account, signal) => account.update(signal),
  rollover: (account, signal) => account.rollover(signal),
  deactivate: (account, signal) => account.deactivate(signal),
  register: (account, signal) => account.registerAnew(signal),
  'replace-key': (account, signal) => account.replaceKey(signal),
};

export function accountRoutes(api: Api, { store, authorities, log }: PeopleServices): void {
  api.get(
    '/v1/authorities',
    {
      config: { scope: 'read' },
      schema: {
        summary: "The authorities of hub.toml and the hub's accounts there",
        response: { 200: z.object({ authorities: z.array(authorityView) }) },
      },
    },
    async () => ({ authorities: await Promise.all(authorities.all().map(view)) }),
  );

  for (const [what, change] of Object.entries(changes)) {
    api.post(
      `/v1/authorities/:name/account/${what}`,
      {
        config: { scope: 'socket' },
        schema: {
          summary: `RFC 8555 §7.3: ${what} the account`,
          params: z.object({ name: z.string() }),
          response: { 200: authorityView },
        },
      },
      async ({ params: { name }, actor }) => {
        const authority = authorities.named(name);
        if (authority === undefined) throw noAuthority(name);
        // Before and after: an account that is lost midway must not be lost without a trace.
        log.info({ authority: name, what }, 'account change');
        const work = (): Promise<void> => change(authority.account, AbortSignal.timeout(longestMs));
        // A key that others know does not wait.
        await (what === 'replace-key' ? work() : authorities.ask(authority, work));
        // A person who renews the account's details has read the terms by which it is kept.
        if (what === 'update') await store.terms.agree(authority.directory);
        await store.audit.append({ actor, action: `account.${what}`, object: name });
        return view(authority);
      },
    );
  }
}

async function view({ name, directory, account }: Authority): Promise<AuthorityView> {
  const { url, keyAt, deactivatedAt, changingKey, contact } = await account.describe();
  return {
    name,
    directory,
    account: {
      url: url ?? null,
      keyAt: keyAt?.toISOString() ?? null,
      deactivatedAt: deactivatedAt?.toISOString() ?? null,
      changingKey,
      contact: [...contact],
    },
  };
}

function noAuthority(name: string): Refusal {
  return new Refusal(
    'unknown',
    'no-authority',
    `there is no authority ${name} in hub.toml`,
    'See `hub account list`.',
  );
}
