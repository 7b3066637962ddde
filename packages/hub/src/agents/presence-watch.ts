import { errorText, type Clock } from '@sixhub/base';
import type { Agent } from '../domain/agent.js';
import { isCopied, machinesText, presenceAfter } from '../domain/presence.js';
import type { Log } from '../ports.js';
import type { Store } from '../store/store.js';

/**
 * Notices that an agent's identity is used by two machines, and tells it: in the audit log once, and for as long as it
 * stands in `hub agent list` and as an alert. Both go on to get what they may have: nobody knows which of the two is
 * the one that serves, a machine without a valid certificate harms its users at once, and who has copied the key has
 * the present certificates already. Cutting off is a person's `hub agent remove`.
 *
 * Written only when another machine shows itself than the last one.
 */
export class PresenceWatch {
  readonly #store: Pick<Store, 'presences' | 'audit'>;
  readonly #clock: Clock;
  readonly #log: Log;

  constructor(store: Pick<Store, 'presences' | 'audit'>, clock: Clock, log: Log) {
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
  }

  /** A disk that is full keeps no agent from what it may have. */
  async note(agent: Agent, said: string | undefined, from: string): Promise<void> {
    const now = this.#clock.now();
    const before = agent.presence;
    // An IPv4 address of a socket for both (RFC 4291 §2.5.5.2), as people write it.
    const after = presenceAfter(before, said, from.replace(/^::ffff:(?=[\d.]+$)/, ''), now);
    if (after === undefined || after === before) return;
    try {
      await this.#store.presences.save(agent.id, after);
      if (isCopied(before, now) || !isCopied(after, now)) return;
      await this.#store.audit.append({
        actor: `agent:${agent.name}`,
        action: 'agent.copied',
        object: agent.name,
        detail: machinesText(after),
      });
    } catch (error) {
      this.#log.warn(
        { agent: agent.name, error: errorText(error) },
        'that another machine uses its identity is not written down',
      );
    }
  }
}
