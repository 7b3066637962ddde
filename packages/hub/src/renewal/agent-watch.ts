import { errorText, formatDuration, type Clock } from '@sixhub/base';
import type { Log } from '../ports.js';
import type { AgentStore } from '../store/agents.js';

/** A host that is pushed to is visited once a day, by the hub itself. */
const pushedVisitMs = 86_400_000;

export interface AgentWatchOptions {
  readonly agents: AgentStore;
  /** `agent_silent` of hub.toml, by which people are told as well. */
  readonly silentAfterMs: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** Finds agents that do not come any more; one that comes again is not silent from that moment on. */
export class AgentWatch {
  readonly #options: AgentWatchOptions;

  constructor(options: AgentWatchOptions) {
    this.#options = options;
  }

  async tick(): Promise<void> {
    const { agents, silentAfterMs, clock, log } = this.#options;
    try {
      const before = clock.now().getTime() - silentAfterMs;
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

  /** A tick is one statement, so nothing is left to wait for. */
  stop(): Promise<void> {
    return Promise.resolve();
  }
}
