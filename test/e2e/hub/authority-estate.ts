import { Resolver } from 'node:dns/promises';
import { systemClock, systemCode } from '@sixhub/base';
import { startTestAuthority, type TestAuthority } from '../../authority/authority.js';
import {
  makeHub,
  mustBe,
  openLab,
  startNameServer,
  startResolver,
  type HubHouse,
  type Lab,
} from '../../lab/index.js';

/** A real hub, a real resolver and name server, and authorities in the test's own process. */
export interface AuthorityEstate extends AsyncDisposable {
  readonly hub: HubHouse;
  readonly authorities: readonly TestAuthority[];
  /** The domain's CNAME, as `hub issue` wants it; a hub must be serving. */
  delegate(): Promise<void>;
}

export const domain = 'example.org';

export interface AuthorityEstateOptions {
  readonly names: readonly string[];
  readonly lifetimeMs: number;
}

export async function openAuthorityEstate(
  options: AuthorityEstateOptions,
): Promise<AuthorityEstate> {
  const lab = await openLab();
  try {
    return await build(lab, options);
  } catch (error) {
    await lab[Symbol.asyncDispose]();
    throw error;
  }
}

async function build(
  lab: Lab,
  { names, lifetimeMs }: AuthorityEstateOptions,
): Promise<AuthorityEstate> {
  const nameServer = await startNameServer(lab, [domain]);
  const resolver = await startResolver(lab, nameServer.stubs);
  const dns = new Resolver({ timeout: 2_000 });
  dns.setServers([resolver.server]);
  const authorities = await Promise.all(
    names.map((name) =>
      startTestAuthority(lab, {
        name,
        // `lasting` is there for who forgets to ask for the profile of hub.toml.
        profiles: { lasting: 86_400_000, brief: lifetimeMs },
        renewalInfoRetryMs: 5_000,
        reuse: { validMs: 0, pending: true },
        lookup: (place) => textValues(dns, place),
      }),
    ),
  );
  const hub = await makeHub(lab, {
    zone: 'acme-dns.beispiel.test',
    resolver: resolver.server,
    authorities: authorities.map((one) => ({ ...one, profile: 'brief' })),
  });
  await resolver.addStub(hub.stub);
  await mustBe(0, await hub.run(['init']));
  return {
    hub,
    authorities,
    async delegate() {
      const asked = await mustBe(3, await hub.run(['issue', domain, '--wait-delegation', '0']));
      const target = /value {2}(\S+)/.exec(asked.stderr)?.[1];
      await nameServer.addRecord(`_acme-challenge.${domain} CNAME ${target}.`);
    },
    [Symbol.asyncDispose]: () => lab[Symbol.asyncDispose](),
  };
}

/** A validator follows the CNAME, as the resolver does for it. */
async function textValues(dns: Resolver, name: string): Promise<readonly string[]> {
  try {
    return (await dns.resolveTxt(name)).map((strings) => strings.join(''));
  } catch (error) {
    if (systemCode(error) === 'ENOTFOUND' || systemCode(error) === 'ENODATA') return [];
    throw error;
  }
}

/** Looks until it holds; throws with what it was to be. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  withinMs = 90_000,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`not within ${withinMs / 1000} s: ${what}`);
    await systemClock.sleep(100);
  }
}
