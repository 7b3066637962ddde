import { askWhole, ask, recordType, type Response, type Route } from '@sixhub/acme-dns';
import type { Resolved, Resolvers } from './resolvers.js';

/** What a name server said when it was asked directly. */
export type Reply =
  | { readonly kind: 'reply'; readonly response: Response }
  | { readonly kind: 'silent'; readonly reason: string }
  /** This machine has no way there, which says nothing about the server. */
  | { readonly kind: 'untested'; readonly reason: string };

export type Addresses =
  | { readonly kind: 'found'; readonly addresses: readonly string[] }
  | { readonly kind: 'none' }
  /** They could not be looked up, which does not say that there are none. */
  | { readonly kind: 'failed'; readonly reason: string };

interface AskHow {
  readonly signal: AbortSignal;
  readonly transport?: 'udp' | 'tcp';
  readonly dnssec?: boolean;
}

/** Twice: a lost datagram is no answer lost. */
const withinMs = 2_000;
const tries = 2;

/** The hub's questions to resolvers, and past them to name servers wherever they are: IPv6, IPv4, or through NAT64. */
export class DnsClient {
  readonly #resolvers: Resolvers;
  readonly #route: Pick<Route, 'to' | 'genuine'>;
  /** Where name servers listen; 53 everywhere but in a laboratory. */
  readonly port: number;

  constructor(resolvers: Resolvers, route: Pick<Route, 'to' | 'genuine'>, port: number) {
    this.#resolvers = resolvers;
    this.#route = route;
    this.port = port;
  }

  resolve(name: string, type: number, signal: AbortSignal): Promise<Resolved> {
    return this.#resolvers.resolve(name, type, signal);
  }

  /** IPv6 first: the hub's machine may have nothing else; none of DNS64's making. */
  async addressesOf(name: string, signal: AbortSignal): Promise<Addresses> {
    const answers = await Promise.all(
      [recordType.AAAA, recordType.A].map((type) => this.resolve(name, type, signal)),
    );
    const addresses = answers.flatMap((answer) =>
      answer.kind === 'found' ? answer.records.map(({ data }) => data) : [],
    );
    const genuine = await this.#route.genuine(addresses);
    if (genuine.length > 0) return { kind: 'found', addresses: genuine };
    const failed = answers.find((answer) => answer.kind === 'failed');
    return failed ?? { kind: 'none' };
  }

  /** One server itself, without recursion. */
  async askServer(address: string, name: string, type: number, how: AskHow): Promise<Reply> {
    const { transport, ...rest } = how;
    const way = await this.#route.to(address);
    if (way.kind === 'none') return { kind: 'untested', reason: way.reason };
    const server = { address, port: this.port };
    const options = { ...rest, by: way.by, withinMs };
    let reason = '';
    for (let round = 0; round < tries; round++) {
      const answer = await (transport === undefined
        ? askWhole(server, name, type, options)
        : ask(server, name, type, { ...options, transport }));
      if (answer.kind === 'answered') return { kind: 'reply', response: answer.response };
      if (answer.noRoute) return { kind: 'untested', reason: answer.reason };
      reason = answer.reason;
    }
    return { kind: 'silent', reason };
  }
}
