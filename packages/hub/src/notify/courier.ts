import { errorText, formatDuration, type Clock } from '@sixhub/base';
import type { Log } from '../ports.js';
import { Turns } from '../renewal/turns.js';
import type { AlertStore, Delivery } from '../store/alerts.js';
import { messageOf, type Channel, type Sent } from './channel.js';

export interface CourierOptions {
  readonly channel: Channel;
  readonly alerts: AlertStore;
  readonly hub: string;
  readonly clock: Clock;
  readonly log: Log;
}

const minute = 60_000;
const hour = 60 * minute;

/** How long after a failure, then the next one, it is tried again; the last step again and again. */
const steps = [minute, 5 * minute, 15 * minute, hour] as const;
/** News of before is no news. */
const givenUpAfterMs = 72 * hour;
const batch = 10;

/**
 * Brings messages through one channel, each at its own pace, so that a mail server that is down holds no webhook up.
 * Told at least once: a hub that is killed between the other side's answer and its own note sends it again, with the
 * same id.
 */
export class Courier {
  readonly #options: CourierOptions;
  readonly #turns = new Turns(
    (signal) => this.#tick(signal),
    (error) => {
      const { channel, log } = this.#options;
      log.error({ channel: channel.name, error: errorText(error) }, 'telling failed');
    },
  );

  constructor(options: CourierOptions) {
    this.#options = options;
  }

  get name(): string {
    return this.#options.channel.name;
  }

  tick(): Promise<void> {
    return this.#turns.take();
  }

  stop(): Promise<void> {
    return this.#turns.stop();
  }

  async #tick(signal: AbortSignal): Promise<void> {
    const { alerts, channel, clock } = this.#options;
    for (const delivery of await alerts.dueDeliveries(channel.name, clock.now(), batch)) {
      if (signal.aborted) return;
      await this.#deliver(delivery, signal);
    }
  }

  async #deliver({ notice, attempts }: Delivery, signal: AbortSignal): Promise<void> {
    const { alerts, channel, clock, hub, log } = this.#options;
    const message = messageOf(notice, hub);
    await alerts.begin(notice.id, channel.name);
    const sent: Sent = await channel.send(message, signal);
    if (sent.kind === 'sent') {
      await alerts.sent(notice.id, channel.name, clock.now());
      log.info({ channel: channel.name, notice: notice.id, answer: sent.answer }, 'told');
      return;
    }
    // A send that was broken off by the hub's stop is tried again by the next.
    if (signal.aborted) return;
    const now = clock.now();
    const waitMs = steps[Math.min(attempts, steps.length - 1)] ?? hour;
    const isTooOld = now.getTime() - notice.at.getTime() > givenUpAfterMs;
    const nextAt = isTooOld ? undefined : new Date(now.getTime() + waitMs);
    await alerts.notSent(notice.id, channel.name, sent.fact, nextAt);
    const next = isTooOld ? 'given up' : `again in ${formatDuration(waitMs)}`;
    const fields = { channel: channel.name, notice: notice.id, hint: sent.hint };
    const line = `nobody was told through ${channel.name}: ${sent.fact}; ${next}`;
    if (isTooOld) log.error(fields, line);
    else log.warn(fields, line);
  }
}
