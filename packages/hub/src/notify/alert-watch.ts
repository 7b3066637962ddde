import { randomUUID } from 'node:crypto';
import { errorText, type Clock } from '@sixhub/base';
import type { Alert } from '../domain/alert.js';
import { groupNews, type Notice } from '../domain/notice.js';
import { alertsByWrongClock, type WrongClock } from '../domain/standing-alerts.js';
import { whatToTell, type KnownAlert, type TellingPolicy } from '../domain/telling.js';
import type { Log } from '../ports.js';
import { Turns } from '../renewal/turns.js';
import type { Store } from '../store/store.js';
import { renderNotice } from './notice-text.js';
import { survey, type SurveyOptions } from './survey.js';

export interface AlertWatchOptions {
  readonly store: Store;
  readonly authorities: SurveyOptions['authorities'];
  /** This hub, to people who have several. */
  readonly hub: string;
  readonly policy: TellingPolicy;
  readonly agentSilentMs: number;
  readonly wrongClock: () => WrongClock | undefined;
  /** Names of the channels that get every message. */
  readonly channels: readonly string[];
  readonly clock: Clock;
  readonly log: Log;
}

/** Agents come every quarter of an hour; a hub that was away says nothing about them before they could come. */
const graceMs = 1_800_000;
const noticesKeptMs = 30 * 86_400_000;

/** Looks what stands, compares it with what was told, and makes the messages that are due. */
export class AlertWatch {
  readonly #options: AlertWatchOptions;
  readonly #turns = new Turns(
    () => this.#look(),
    (error) =>
      this.#options.log.error({ error: errorText(error) }, 'looking for what to tell failed'),
  );
  readonly #startedAt: Date;

  constructor(options: AlertWatchOptions) {
    this.#options = options;
    this.#startedAt = options.clock.now();
  }

  tick(): Promise<void> {
    return this.#turns.take();
  }

  stop(): Promise<void> {
    return this.#turns.stop();
  }

  async #look(): Promise<void> {
    const { store, policy, channels, clock } = this.#options;
    const now = clock.now();
    const before = await store.alerts.list();
    const standing = await this.#standing(before, now);
    const last = await store.alerts.lastNoticeAt();
    const { known, news } = whatToTell(standing, before, policy, last, now);
    const notice: Notice | undefined =
      news.length === 0 ? undefined : { id: randomUUID(), at: now, groups: groupNews(news) };
    const kept = new Map(known.map((one) => [one.alert.id, one]));
    const was = new Map(before.map((one) => [one.alert.id, one]));
    const changed = known.filter((one) => !isSame(one, was.get(one.alert.id)));
    const forgotten = [...was.keys()].filter((id) => !kept.has(id));
    if (changed.length + forgotten.length === 0 && notice === undefined) return;
    await store.alerts.settle({ changed, forgotten, notice, channels });
    if (notice === undefined) return;
    this.#log(notice);
    await store.alerts.forgetNotices(new Date(now.getTime() - noticesKeptMs));
  }

  async #standing(before: readonly KnownAlert[], now: Date): Promise<readonly Alert[]> {
    const { store, authorities, agentSilentMs, wrongClock } = this.#options;
    const wrong = wrongClock();
    if (wrong !== undefined) return alertsByWrongClock(wrong, before);
    const silentSince = new Date(now.getTime() - agentSilentMs);
    const { alerts, isWhole } = await survey({ store, authorities, now, silentSince });
    const known = new Set(before.map(({ alert }) => alert.id));
    const standing = alerts.filter(
      ({ id, kind }) => kind !== 'agent' || !this.#wasAway(now) || known.has(id),
    );
    if (isWhole) return standing;
    // Who is not among those that were looked at may be in trouble all the same.
    const seen = new Set(standing.map(({ id }) => id));
    const unseen = before.filter(
      ({ alert, stands }) => stands && alert.kind === 'certificate' && !seen.has(alert.id),
    );
    return [...standing, ...unseen.map(({ alert }) => alert)];
  }

  #wasAway(now: Date): boolean {
    return now.getTime() - this.#startedAt.getTime() < graceMs;
  }

  /** The journal is told whatever the channels do. */
  #log(notice: Notice): void {
    const { log, hub } = this.#options;
    const fields = {
      notice: notice.id,
      alerts: notice.groups.flatMap(({ news, alerts }) =>
        alerts.map(({ id, fix }) => ({ news, id, fix })),
      ),
    };
    const { subject } = renderNotice(notice, hub);
    if (notice.groups.every(({ news }) => news === 'over')) log.info(fields, subject);
    else log.warn(fields, subject);
  }
}

function isSame(one: KnownAlert, other: KnownAlert | undefined): boolean {
  return other !== undefined && canonical(one) === canonical(other);
}

/** By the value of each part, whatever their order. */
function canonical({ alert, ...rest }: KnownAlert): string {
  return JSON.stringify([Object.entries(alert).toSorted(), Object.entries(rest).toSorted()]);
}
