import { createSecureContext, type SecureContext } from 'node:tls';
import { enrolServerName, hubServerName } from '@sixhub/protocol';
import type { FastifyInstance } from 'fastify';
import type { HubCa } from '../ca/hub-ca.js';
import { listenTls, type ListenAddress, type TlsListener } from './listeners.js';

type ListenerOptions = Exclude<Parameters<typeof listenTls>[3], undefined>;
type Publicly = Pick<ListenerOptions, 'contextFor'>;

/** What a listener shows: the chain that all can follow, and apart the one that ends in the CA of join tokens. */
interface Shown {
  readonly key: string;
  readonly chain: string;
  readonly toEnrol: SecureContext | undefined;
}

interface Listening {
  readonly listener: TlsListener;
  /** Of new certificates, and whose clients count. */
  renew(): Promise<void>;
}

/** The hub's own TLS listeners and the certificates that it shows there, all from its own CA. */
export class OwnIdentities {
  readonly #ca: HubCa;
  readonly #agents: Listening[] = [];
  readonly #people: Listening[] = [];

  constructor(ca: HubCa) {
    this.#ca = ca;
  }

  async listenAgents(
    app: FastifyInstance,
    at: ListenAddress,
    { most }: Pick<ListenerOptions, 'most'> = {},
  ): Promise<TlsListener> {
    let shown = await this.#issue([hubServerName]);
    const listener = await listenTls(app, at, shown, {
      ...(most === undefined ? {} : { most }),
      clientCa: this.#ca.clientCas,
      contextFor: (host) => Promise.resolve(host === enrolServerName ? shown.toEnrol : undefined),
    });
    this.#agents.push({
      listener,
      renew: async () => {
        shown = await this.#issue([hubServerName]);
        listener.replaceIdentity(shown, this.#ca.clientCas);
      },
    });
    return listener;
  }

  async listenPeople(
    app: FastifyInstance,
    at: ListenAddress,
    names: readonly string[],
    publicly: Publicly,
  ): Promise<TlsListener> {
    const listener = await listenTls(app, at, await this.#issue(names), publicly);
    const renew = async (): Promise<void> => listener.replaceIdentity(await this.#issue(names));
    this.#people.push({ listener, renew });
    return listener;
  }

  /** New connections see it; none is dropped. */
  async renew(): Promise<void> {
    for (const { renew } of [...this.#agents, ...this.#people]) await renew();
  }

  /** Every agent has to show its certificate anew. */
  disconnectAgents(): void {
    for (const { listener } of this.#agents) listener.disconnect();
  }

  async #issue(names: readonly string[]): Promise<Shown> {
    const { key, chain, linkedChain } = await this.#ca.issueServer(names);
    if (linkedChain === undefined) return { key, chain, toEnrol: undefined };
    // Without `ca` clients would be verified by the roots of the world that Node has: for a listener's name everything
    // that its context says is replaced, whose clients count among it.
    const ca = this.#ca.clientCas;
    const toEnrol = createSecureContext({ key, cert: chain, ca, minVersion: 'TLSv1.2' });
    return { key, chain: linkedChain, toEnrol };
  }
}
