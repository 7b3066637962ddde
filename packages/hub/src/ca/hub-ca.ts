import type { Clock } from '@sixhub/base';
import type { HubFacts } from '@sixhub/protocol';
import type * as x509 from '@peculiar/x509';
import { Refusal } from '../domain/refusal.js';
import type { Store } from '../store/store.js';
import {
  openPrivateCa,
  privateCa,
  secretName,
  type PrivateCa,
  type ServerCertificate,
} from './private-ca.js';

/** What an agent's certificate lives: so long one from a CA of before may come. */
const formerMs = 90 * 86_400_000;
const nextName = `${secretName}-next`;
/** So many are named; the rest is counted. */
const mostNamed = 100;

export type CaStore = Pick<Store, 'secrets' | 'caTrust' | 'audit'>;

export interface CaState {
  readonly serving: PrivateCa;
  readonly next: PrivateCa | undefined;
  readonly former: readonly { readonly certificate: string; readonly until: Date }[];
}

/**
 * The hub's CA and, while it is being changed, the one that succeeds it (RFC 4210 §4.4):
 *
 * 1. `rotate` makes the next one, with a link: itself signed by the one that serves. Both go to the agents with their
 *    manifests, over mutual TLS. An agent takes the next one because of the link alone, trusts both, has a client
 *    certificate from the next one at once, and says so with its next request.
 * 2. The hub accepts client certificates of both, and shows one of the first itself, until every active agent has said
 *    so and no join token that names the first is open.
 * 3. `finish` puts the next one in the place of the first, whose key is gone with that.
 *
 * Finished before, by a person's word: who slept through it can still tell the hub by the link, which is in the chain
 * that the hub shows, and is known by its certificate of before for as long as that lives, unless the CA of before is
 * not to be trusted any more.
 */
export class HubCa {
  readonly #store: CaStore;
  readonly #clock: Clock;
  #state: CaState;
  #lastStep: Promise<unknown> = Promise.resolve();
  /** What follows from a step that was taken, and could not be done yet. */
  #owed: readonly (() => Promise<void>)[] = [];
  #follower: ((disconnect: boolean) => Promise<void>) | undefined;

  static async open(store: CaStore, clock: Clock): Promise<HubCa> {
    const serving = await openPrivateCa(store.secrets, clock);
    const stored = await store.secrets.find(nextName);
    const next = stored && (await privateCa(stored, clock));
    return new HubCa(store, clock, {
      ...{ serving, next },
      former: await store.caTrust.former(clock.now()),
    });
  }

  private constructor(store: CaStore, clock: Clock, state: CaState) {
    this.#store = store;
    this.#clock = clock;
    this.#state = state;
  }

  get state(): CaState {
    return this.#state;
  }

  /** What join tokens name, and the hub's own certificates come from. */
  get serving(): PrivateCa {
    return this.#state.serving;
  }

  /** The newest one: what every agent should trust. */
  get newest(): PrivateCa {
    return this.#state.next ?? this.#state.serving;
  }

  /** Of the present ones, hexadecimal. */
  get sha256s(): readonly string[] {
    return this.#present.map(({ sha256 }) => sha256);
  }

  /** For who asks the hub: PEM of all that it may show itself by. */
  get trusted(): string {
    return this.#present.map(({ certificate }) => `${certificate}\n`).join('');
  }

  /** PEM of all whose client certificates count. */
  get clientCas(): string {
    const now = this.#clock.now();
    const former = this.#state.former.filter(({ until }) => until > now);
    return this.trusted + former.map(({ certificate }) => `${certificate}\n`).join('');
  }

  facts(): Pick<HubFacts, 'authorities' | 'link'> {
    const { link } = this.newest;
    return {
      authorities: this.#present.map(({ certificate }) => certificate),
      ...(link === undefined ? {} : { link }),
    };
  }

  /** From the CA that the agent says it trusts, as far as that is one of the present. */
  issueClient(
    subject: { name: string; id: string },
    publicKey: x509.PublicKey,
    trusted: string | undefined,
  ): Promise<string> {
    const { serving, next } = this.#state;
    return (next?.sha256 === trusted ? (next ?? serving) : serving).issueClient(subject, publicKey);
  }

  /** With the link in its chain while an active agent may need it to tell this hub. */
  async issueServer(names: readonly string[]): Promise<ServerCertificate> {
    const { serving } = this.#state;
    const issued = await serving.issueServer(names);
    if (issued.linkedChain === undefined) return issued;
    const isNeeded = (await this.#store.caTrust.countBehind(serving.sha256)) > 0;
    return isNeeded ? issued : { ...issued, linkedChain: undefined };
  }

  /** Called after each step, before agents are told of it. */
  follow(follower: (disconnect: boolean) => Promise<void>): void {
    this.#follower = follower;
  }

  rotate(actor: string): Promise<void> {
    return this.#alone(() => this.#rotate(actor));
  }

  /** `distrust`: what the CA of before has signed counts for nothing from now on, whoever slept through the change. */
  finish(actor: string, distrust: boolean): Promise<void> {
    return this.#alone(() => this.#finish(actor, distrust));
  }

  /** Finished by itself once nobody needs the CA of before. */
  tick(): Promise<void> {
    return this.#alone(() => this.#finishUnneeded());
  }

  async #rotate(actor: string): Promise<void> {
    if (this.#state.next !== undefined) {
      throw new Refusal(
        'conflict',
        'ca-rotating',
        'the CA is being changed already',
        'See `hub ca show`: it says which agents do not have the new one yet.',
      );
    }
    const { serving } = this.#state;
    const made = await serving.successor();
    const next = await privateCa(made, this.#clock);
    await this.#store.secrets.create(nextName, made.publicPart, made.secret);
    const state = { serving, next, former: this.#state.former };
    await this.#step(state, false, () =>
      this.#note(actor, 'ca.rotate', next, `in place of ${serving.sha256}`),
    );
  }

  async #finish(actor: string, distrust: boolean): Promise<void> {
    const { serving: old, next } = this.#state;
    if (next === undefined) {
      throw new Refusal(
        'conflict',
        'ca-not-rotating',
        'the CA is not being changed',
        '`hub ca rotate` begins that.',
      );
    }
    const { caTrust, secrets } = this.#store;
    const sleepers = await caTrust.countBehind(next.sha256);
    const until = new Date(this.#clock.now().getTime() + formerMs);
    const kept = sleepers === 0 || distrust ? undefined : { certificate: old.certificate, until };
    await caTrust.keepFormer(kept);
    await secrets.succeed(secretName, nextName);
    const detail = `in place of ${old.sha256}${distrust ? ', which is not trusted any more' : ''}`;
    const left = sleepers === 0 ? '' : `; ${sleepers} agents do not have it`;
    const former = kept === undefined ? [] : [kept];
    await this.#step({ serving: next, next: undefined, former }, distrust, () =>
      this.#note(actor, 'ca.finish', next, detail + left),
    );
  }

  async #finishUnneeded(): Promise<void> {
    const { next } = this.#state;
    if (next === undefined) return;
    if ((await this.#store.caTrust.countBehind(next.sha256)) > 0) return;
    if ((await this.#store.caTrust.openTokens(this.#clock.now())).length > 0) return;
    await this.#finish('hub', false);
  }

  /** Who keeps the change from being finished; after it, who has slept through it. */
  async waitsFor(): Promise<{
    readonly agents: readonly string[];
    readonly count: number;
    readonly invited: readonly string[];
  }> {
    const { caTrust } = this.#store;
    const { sha256 } = this.newest;
    const isRotating = this.#state.next !== undefined;
    return {
      agents: await caTrust.behind(sha256, mostNamed),
      count: await caTrust.countBehind(sha256),
      invited: isRotating ? await caTrust.openTokens(this.#clock.now()) : [],
    };
  }

  /** One step after the other, whoever asks for them. */
  #alone(step: () => Promise<void>): Promise<void> {
    const done = this.#lastStep.then(async () => {
      await this.#settle();
      await step();
    });
    this.#lastStep = done.catch(() => undefined); // its own caller hears of it
    return done;
  }

  get #present(): readonly PrivateCa[] {
    const { serving, next } = this.#state;
    return next === undefined ? [serving] : [serving, next];
  }

  /** It stands in the store, so it is so: whatever fails of what follows keeps nothing else from being done. */
  async #step(state: CaState, disconnect: boolean, note: () => Promise<void>): Promise<void> {
    this.#state = state;
    const follow = async (): Promise<void> => this.#follower?.(disconnect);
    this.#owed = [follow, note, () => this.#store.caTrust.tellAll()];
    await this.#settle();
  }

  /** Each until it is done once, as long as this hub runs: a disk may be full for a moment. */
  async #settle(): Promise<void> {
    const failures: unknown[] = [];
    const owed: (() => Promise<void>)[] = [];
    for (const deed of this.#owed) {
      try {
        await deed();
      } catch (error) {
        owed.push(deed);
        failures.push(error);
      }
    }
    this.#owed = owed;
    if (failures.length > 0) throw failures[0];
  }

  #note(actor: string, action: string, { sha256 }: PrivateCa, detail: string): Promise<void> {
    return this.#store.audit.append({ actor, action, object: sha256, detail });
  }
}
