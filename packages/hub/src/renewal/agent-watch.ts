import { errorText, type Clock } from '@sixhub/base';
import type { Log } from '../ports.js';
import type { AgentStore } from '../store/agents.js';

/** An agent comes every quarter of an hour at least (sixhub-agent.timer); of four times, one may fall into a reboot. */
const silentAfterMs = 3_600_000;

/** Finds agents that do not come any more; one that comes again is not silent from that moment on. */
export class AgentWatch {
  readonly #agents: AgentStore;
  readonly #clock: Clock;
  readonly #log: Log;

  constructor(agents: AgentStore, clock: Clock, log: Log) {
    this.#agents = agents;
    this.#clock = clock;
    this.#log = log;
  }

  async tick(): Promise<void> {
    try {
      const before = new Date(this.#clock.now().getTime() - silentAfterMs);
      const count = await this.#agents.markSilent(before);
      if (count === 0) return;
      this.#log.warn(
        { count },
        `${count} more agents have not come for an hour; \`hub agent list\` says which, \`systemctl status sixhub-agent.timer\` there says why`,
      );
    } catch (error) {
      this.#log.error({ error: errorText(error) }, 'looking after the agents failed');
    }
  }

  /** A tick is one statement, so nothing is left to wait for. */
  stop(): Promise<void> {
    return Promise.resolve();
  }
}
