import type { ServerResponse } from 'node:http';
import { setImmediate as otherWork } from 'node:timers/promises';
import { errorText } from '@sixhub/base';
import type { Agent } from '../domain/agent.js';
import type { Log } from '../ports.js';
import type { ManifestChange, ManifestChanges } from '../store/manifest-changes.js';

/** Why a request is held no longer. After `changed` it may be held on: what changed may be of another certificate. */
export type Waking = 'changed' | Ending;
type Ending = 'over' | 'replaced' | 'closing' | 'left';

/** What another process wrote is found by then at the latest. */
const lookEveryMs = 60_000;
const batch = 500;
/** For the answers to get on the wire when the hub stops. */
const partingMs = 1_000;
/** What they then do takes the hub's thread some milliseconds each: people's API has its turn in between. */
const wokenAtOnce = 32;
/** Connections a second, when the hub is back, which leave it most of its time. */
const returningPerSecond = 50;

/**
 * Requests for manifests, each held until its agent's may have changed; one an agent, so that there are never more than
 * agents. They are woken by what this process writes, each alone, and one look a minute serves all for what another
 * process wrote. A held request costs its connection and a timer.
 */
export class HeldRequests implements AsyncDisposable {
  readonly #changes: ManifestChanges;
  readonly #log: Log;
  readonly #held = new Map<string, HeldRequest>();
  readonly #following: Disposable;
  #seen: number;
  #timer: NodeJS.Timeout | undefined;
  #looking = false;
  #lookAgain = false;
  #closing = false;
  #spreadSeconds = 1;
  #emptied: (() => void) | undefined;

  static async open(changes: ManifestChanges, log: Log): Promise<HeldRequests> {
    return new HeldRequests(changes, log, await changes.last());
  }

  private constructor(changes: ManifestChanges, log: Log, seen: number) {
    this.#changes = changes;
    this.#log = log;
    this.#seen = seen;
    this.#following = changes.follow(() => void this.#look());
  }

  get count(): number {
    return this.#held.size;
  }

  /** In how many seconds all that are told that the hub stops should have come back: each at an instant of its own. */
  get spreadSeconds(): number {
    return this.#spreadSeconds;
  }

  /** Held from now on, so that no change after this is missed; until its response has ended. */
  open(agent: Agent, seconds: number, response: ServerResponse): HeldRequest {
    this.#held.get(agent.id)?.wake('replaced');
    const held = new HeldRequest(agent);
    const { id } = held; // not the agent: that would be kept as long as it waits
    this.#held.set(id, held);
    const patience = setTimeout(() => held.wake('over'), seconds * 1_000).unref();
    const left = (): void => {
      clearTimeout(patience);
      held.wake('left');
      if (this.#held.get(id) === held) this.#held.delete(id);
      if (this.#held.size === 0) this.#rest();
    };
    response.once('close', left);
    if (response.closed)
      left(); // before anybody listened
    else if (this.#closing) held.wake('closing');
    else this.#timer ??= setInterval(() => void this.#look(), lookEveryMs).unref();
    return held;
  }

  /** Answers all that are held; nobody waits longer for those that do not take their answer. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing = true;
    this.#spreadSeconds = Math.max(1, Math.ceil(this.#held.size / returningPerSecond));
    this.#following[Symbol.dispose]();
    if (this.#held.size === 0) return;
    await new Promise<void>((resolve) => {
      const given = setTimeout(resolve, partingMs);
      this.#emptied = () => {
        clearTimeout(given);
        resolve();
      };
      for (const held of this.#held.values()) held.wake('closing');
    });
    this.#rest();
  }

  #rest(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#emptied?.();
  }

  async #look(): Promise<void> {
    this.#lookAgain = true;
    if (this.#looking) return;
    this.#looking = true;
    try {
      while (this.#lookAgain) {
        this.#lookAgain = false;
        const changes = await this.#changes.after(this.#seen, batch);
        await this.#tell(changes);
        if (changes.length === batch) this.#lookAgain = true;
      }
    } catch (error) {
      this.#log.error({ error: errorText(error) }, 'what changed for agents could not be read');
    } finally {
      this.#looking = false;
    }
  }

  async #tell(changes: readonly ManifestChange[]): Promise<void> {
    const [first] = changes;
    const last = changes.at(-1);
    if (first === undefined || last === undefined) return;
    // Some between are not kept any more, so that nobody knows whose they were.
    const isWhole = first.seq === this.#seen + 1;
    this.#seen = last.seq;
    const agents = new Set(changes.map(({ agentId }) => agentId));
    const certificates = new Set(changes.map(({ certificate }) => certificate));
    const concerned = [...this.#held.values()].filter(
      ({ id, grants }) =>
        !isWhole || agents.has(id) || grants.some((name) => certificates.has(name)),
    );
    for (const [at, held] of concerned.entries()) {
      if (at > 0 && at % wokenAtOnce === 0) await otherWork();
      held.wake('changed');
    }
  }
}

export class HeldRequest {
  readonly id: string;
  #grants: Agent['grants'];
  #woken: Waking | undefined;
  #resolve: ((waking: Waking) => void) | undefined;

  constructor({ id, grants }: Agent) {
    this.id = id;
    this.#grants = grants;
  }

  /** As they were read last. */
  get grants(): Agent['grants'] {
    return this.#grants;
  }

  /** What was read of its agent meanwhile. */
  of({ grants }: Agent): void {
    this.#grants = grants;
  }

  wake(waking: Waking): void {
    // An ending stands; whatever else happens has the same answer.
    if (this.#woken === undefined || this.#woken === 'changed') this.#woken = waking;
    this.#resolve?.(this.#take());
  }

  /** The next waking; one that came before it was asked for is not lost. */
  next(): Promise<Waking> {
    if (this.#woken !== undefined) return Promise.resolve(this.#take());
    return new Promise((resolve) => (this.#resolve = resolve));
  }

  #take(): Waking {
    this.#resolve = undefined;
    const woken = this.#woken ?? 'changed';
    if (woken === 'changed') this.#woken = undefined;
    return woken;
  }
}
