import { errorText, formatDuration, type Clock } from '@sixhub/base';
import { pushedVisitMs } from '../domain/agent.js';
import type { Log } from '../ports.js';
import type { AgentStore } from '../store/agents.js';

/** An agent that comes by its timer has come twice in this. */
const graceMs = 30 * 60_000;
/** Many ticks late: the machine slept, or its clock was set. */
const jumpMs = 5 * 60_000;

export interface AgentWatchOptions {
  readonly agents: AgentStore;
  /** `agent_silent` of hub.toml, by which people are told as well. */
  readonly silentAfterMs: number;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Finds agents that do not come any more; one that comes again is not silent from that moment on. While this hub was
 * stopped or asleep nobody could come: from then on each has half an hour before that counts against it.
 */
export class AgentWatch {
  readonly #options: AgentWatchOptions;
  #awakeSince: Date;
  #lastTick: Date;

  constructor(options: AgentWatchOptions) {
    this.#options = options;
    this.#awakeSince = options.clock.now();
    this.#lastTick = this.#awakeSince;
  }

  async tick(): Promise<void> {
    const { agents, silentAfterMs, clock, log } = this.#options;
    const now = clock.now();
    if (!this.#hasListened(now)) return;
    try {
      const before = now.getTime() - silentAfterMs;
      const count = await agents.markSilent(new Date(before), new Date(before - pushedVisitMs));
      if (count === 0) return;
      log.warn(
        { count },
        `${count} more agents have not come for ${formatDuration(silentAfterMs)}; \`hub agent list\` says which, \`systemctl status sixhub-agent.timer\` there says why`,
      );
    } catch (error) {
      log.error({ error: errorText(error) }, 'looking after the agents failed');
    }
  }

  #hasListened(now: Date): boolean {
    const moved = now.getTime() - this.#lastTick.getTime();
    this.#lastTick = now;
    if (moved < 0 || moved > jumpMs) this.#awakeSince = now;
    const awake = now.getTime() - this.#awakeSince.getTime();
    return awake >= Math.min(graceMs, this.#options.silentAfterMs);
  }

  /** A tick is one statement, so nothing is left to wait for. */
  stop(): Promise<void> {
    return Promise.resolve();
  }
}
