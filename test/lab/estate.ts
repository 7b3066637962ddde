import { mustBe } from './checkout.js';
import { makeHub, type HubHouse } from './hub.js';
import { openLab, type Lab } from './lab.js';
import { startNameServer, type NameServer } from './name-server.js';
import { startPebble, type Pebble, type PebbleOptions } from './pebble.js';
import { startResolver, type Resolver } from './resolver.js';

/** A customer's name server, a resolver, an authority and a hub that knows them, all in a lab of their own. */
export interface Estate extends AsyncDisposable {
  readonly lab: Lab;
  readonly nameServer: NameServer;
  readonly resolver: Resolver;
  readonly pebble: Pebble;
  readonly hub: HubHouse;
  /** The CNAME target that the hub wants for a domain, taken from what `hub issue` prints. */
  wantedTarget(domain: string): Promise<string>;
  /** Does what the printed record says, so that the domain is delegated. */
  delegate(domain: string): Promise<void>;
}

export interface EstateOptions {
  readonly domains?: readonly string[];
  readonly pebble?: Omit<PebbleOptions, 'resolver'>;
  /** Lets a test put something between the hub and pebble. */
  readonly directory?: (
    lab: Lab,
    pebble: Pebble,
  ) => Promise<Pick<Pebble, 'directory' | 'httpsCertificate'>>;
}

export async function openEstate(options: EstateOptions = {}): Promise<Estate> {
  const lab = await openLab();
  try {
    const nameServer = await startNameServer(lab, options.domains ?? ['example.org']);
    const resolver = await startResolver(lab, nameServer.stubs);
    const pebble = await startPebble(lab, { resolver: resolver.server, ...options.pebble });
    const authority = (await options.directory?.(lab, pebble)) ?? pebble;
    const hub = await makeHub(lab, {
      zone: 'acme-dns.beispiel.test',
      resolver: resolver.server,
      authorities: [authority],
    });
    await resolver.addStub(hub.stub);
    await mustBe(0, await hub.run(['init']));
    const wantedTarget = async (domain: string): Promise<string> => {
      const asked = await mustBe(3, await hub.run(['issue', domain, '--wait-delegation', '0']));
      const target = /value {2}(\S+)/.exec(asked.stderr)?.[1];
      if (target === undefined) throw new Error(`no record was printed: ${asked.stderr}`);
      return target;
    };
    return {
      lab,
      nameServer,
      resolver,
      pebble,
      hub,
      wantedTarget,
      async delegate(domain) {
        const target = await wantedTarget(domain);
        await nameServer.addRecord(`_acme-challenge.${domain} CNAME ${target}.`);
      },
      [Symbol.asyncDispose]: () => lab[Symbol.asyncDispose](),
    };
  } catch (error) {
    await lab[Symbol.asyncDispose]();
    throw error;
  }
}
