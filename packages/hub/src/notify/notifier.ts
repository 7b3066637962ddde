import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Clock } from '@sixhub/base';
import type { NotifyConfig } from '../config/notify-config.js';
import type { WrongClock } from '../domain/standing-alerts.js';
import type { Authorities } from '../issuance/authorities.js';
import type { Log } from '../ports.js';
import type { Watched } from '../renewal/schedule.js';
import type { ChannelState } from '../store/alerts.js';
import type { Store } from '../store/store.js';
import { AlertWatch } from './alert-watch.js';
import { testMessage, type Channel, type Sent } from './channel.js';
import { createChannels } from './channels.js';
import { Courier } from './courier.js';
import { TermsWatch } from './terms-watch.js';

export interface NotifierOptions {
  readonly config: NotifyConfig;
  readonly store: Store;
  readonly authorities: Authorities;
  readonly wrongClock: () => WrongClock | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

/** All that tells people of troubles. */
export class Notifier {
  readonly #options: NotifierOptions;
  readonly #hub: string;
  readonly channels: readonly Channel[];
  /** What the schedule drives. */
  readonly parts: Readonly<Record<string, Watched>>;

  constructor(options: NotifierOptions) {
    this.#options = options;
    const { config, store, authorities, wrongClock, clock, log } = options;
    const hub = config.name ?? hostname();
    this.#hub = hub;
    this.channels = createChannels(config, clock);
    const couriers = this.channels.map(
      (channel) => new Courier({ channel, alerts: store.alerts, hub, clock, log }),
    );
    const watch = new AlertWatch({
      ...{ store, wrongClock, hub, clock, log },
      authorities: authorities.all(),
      policy: { groupMs: config.group, remindMs: config.remind },
      agentSilentMs: config.agent_silent,
      channels: this.channels.map(({ name }) => name),
    });
    this.parts = {
      terms: new TermsWatch({ authorities, terms: store.terms, clock, log }),
      alerts: watch,
      ...Object.fromEntries(couriers.map((courier) => [`tell ${courier.name}`, courier])),
    };
  }

  /** Each channel with how it did. */
  states(): Promise<readonly (ChannelState & Pick<Channel, 'name' | 'kind'>)[]> {
    const { alerts } = this.#options.store;
    return Promise.all(
      this.channels.map(async ({ name, kind }) => ({
        ...{ name, kind },
        ...(await alerts.channelState(name)),
      })),
    );
  }

  /** A message that says that it is a test, through each of these, at once. */
  test(
    channels: readonly Channel[],
    signal: AbortSignal,
  ): Promise<readonly { readonly channel: Channel; readonly sent: Sent }[]> {
    const message = testMessage(randomUUID(), this.#options.clock.now(), this.#hub);
    return Promise.all(
      channels.map(async (channel) => ({ channel, sent: await channel.send(message, signal) })),
    );
  }
}
