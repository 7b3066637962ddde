import { getServers } from 'node:dns';
import {
  askWhole,
  listenText,
  parseListenAddress,
  rcode,
  rcodeName,
  type Found,
  type ListenAddress,
  type ReceivedRecord,
} from '@sixhub/acme-dns';
import { exitCodes, SixhubError } from '@sixhub/base';

/** What a resolver found; that there is no such record, or no such name, is found too. */
export type Resolved =
  | {
      readonly kind: 'found';
      /** Of the type asked for, at the end of whatever aliases. */
      readonly records: readonly ReceivedRecord[];
    }
  | { readonly kind: 'failed'; readonly reason: string };

/** Each is asked twice, shortly: the next one is worth more than a long wait. */
const withinMs = 2_000;
const tries = 2;

/** The resolvers of hub.toml, or the system's: the first that gives an answer is believed. */
export class Resolvers {
  readonly #places: readonly ListenAddress[];

  constructor(places: readonly ListenAddress[]) {
    this.#places = places;
  }

  get place(): string {
    return this.#places.map(listenText).join(', ');
  }

  async resolve(name: string, type: number, signal?: AbortSignal): Promise<Resolved> {
    let reason = 'there is no resolver; name one in hub.toml: [resolver] servers';
    const options = { recursion: true, withinMs, ...(signal === undefined ? {} : { signal }) };
    for (let round = 0; round < tries; round++) {
      for (const resolver of this.#places) {
        const answer = await askWhole(resolver, name, type, options);
        if (answer.kind === 'silent') {
          reason = `the resolver ${listenText(resolver)} says nothing (${answer.reason})`;
          continue;
        }
        const { response } = answer;
        if (response.rcode === rcode.noError || response.rcode === rcode.nxDomain) {
          return { kind: 'found', records: response.answer.filter((one) => one.type === type) };
        }
        reason = `the resolver ${listenText(resolver)} answers ${rcodeName(response.rcode)}`;
      }
    }
    return { kind: 'failed', reason: `${name}: ${reason}` };
  }

  async find(name: string, types: readonly number[]): Promise<Found> {
    const data: string[] = [];
    for (const type of types) {
      const found = await this.resolve(name, type);
      if (found.kind === 'failed') return found;
      data.push(...found.records.map((record) => record.data));
    }
    return { kind: 'found', data };
  }
}

/** `address`, `address:port` or `[v6]:port`; none: the system's. */
export function readResolvers(servers: readonly string[]): readonly ListenAddress[] {
  return (servers.length > 0 ? servers : getServers()).map((text) => {
    const bare = text.includes(':') && !text.includes('[') && !/^[\d.]+:\d+$/.test(text);
    const place =
      parseListenAddress(text) ?? parseListenAddress(bare ? `[${text}]:53` : `${text}:53`);
    if (place !== undefined) return place;
    throw new SixhubError({
      code: 'config-invalid',
      fact: `hub.toml: [resolver] servers: '${text}' is no address`,
      hint: 'Write it like 2001:db8::1, 192.0.2.1, 192.0.2.1:53 or [2001:db8::1]:53.',
      exit: exitCodes.usage,
    });
  });
}
