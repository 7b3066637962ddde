import { errorText, type Clock } from '@sixhub/base';
import type { Agent } from '../domain/agent.js';
import type { Log } from '../ports.js';
import type { AgentStore } from '../store/agents.js';

/** Ten thousand agents that ask every quarter of an hour are eleven a second: one commit for all of these. */
const togetherMs = 1_000;

/**
 * When each agent was there last. It is written a second later, together with all others of that second: a hub that is
 * killed forgets a second of it. One that was silent, or is here for the first time, is written down at once. A disk
 * that is full keeps no agent from what it may have.
 */
export class Attendance implements AsyncDisposable {
  readonly #agents: Pick<AgentStore, 'seen'>;
  readonly #clock: Clock;
  readonly #log: Log;
  #seen = new Map<string, Date>();
  #timer: NodeJS.Timeout | undefined;

  constructor(agents: Pick<AgentStore, 'seen'>, clock: Clock, log: Log) {
    this.#agents = agents;
    this.#clock = clock;
    this.#log = log;
  }

  async note({ id, silent, lastSeenAt }: Agent): Promise<void> {
    this.#seen.set(id, this.#clock.now());
    if (silent || lastSeenAt === undefined) return this.#write();
    this.#timer ??= setTimeout(() => void this.#write(), togetherMs).unref();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#write();
  }

  async #write(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const seen = this.#seen;
    this.#seen = new Map();
    try {
      // Begun in one turn of the event loop, and so one commit.
      await Promise.all([...seen].map(([id, at]) => this.#agents.seen(id, at)));
    } catch (error) {
      this.#log.warn(
        { agents: seen.size, error: errorText(error) },
        'that agents were there is not written down',
      );
    }
  }
}
