import { z } from 'zod';
import { alertKinds } from '../domain/alert.js';
import { Refusal } from '../domain/refusal.js';
import type { KnownAlert } from '../domain/telling.js';
import type { Api, PeopleServices } from './services.js';

const time = z.iso.datetime();

const alertView = z.object({
  id: z.string(),
  kind: z.enum(alertKinds),
  subject: z.string(),
  severity: z.enum(['warning', 'critical']),
  since: time,
  /** When a certificate ends, or has ended, because of it. */
  endsAt: time.nullable(),
  headline: z.string(),
  fact: z.string(),
  /** What to do. */
  fix: z.string(),
  /** When it was told last; null: not yet. */
  toldAt: time.nullable(),
  /** Nothing is told about it until then. */
  silencedUntil: time.nullable(),
});
export type AlertView = z.infer<typeof alertView>;

const channelView = z.object({
  name: z.string(),
  kind: z.enum(['mail', 'webhook', 'ntfy', 'command']),
  lastSentAt: time.nullable(),
  /** Messages that could not be sent yet. */
  waiting: z.number().int(),
  nextTryAt: time.nullable(),
  error: z.string().nullable(),
});
export type ChannelView = z.infer<typeof channelView>;

const testView = z.object({
  channel: z.string(),
  kind: channelView.shape.kind,
  sent: z.boolean(),
  detail: z.string(),
  hint: z.string().nullable(),
});
export type TestView = z.infer<typeof testView>;

const longestSilenceMs = 366 * 86_400_000;
/** Longer than any channel's own time-out. */
const longestTestMs = 90_000;

export function alertRoutes(api: Api, { store, notifier, clock }: PeopleServices): void {
  api.get(
    '/v1/alerts',
    {
      config: { scope: 'read' },
      schema: {
        summary: 'Troubles that stand, and the channels that tell them',
        response: { 200: z.object({ alerts: z.array(alertView), channels: z.array(channelView) }) },
      },
    },
    async () => ({
      alerts: (await store.alerts.list()).filter(({ stands }) => stands).map(view),
      channels: (await notifier.states()).map(
        ({ name, kind, lastSentAt, waiting, error, nextAt }) => ({
          ...{ name, kind, waiting },
          lastSentAt: lastSentAt?.toISOString() ?? null,
          nextTryAt: waiting === 0 ? null : (nextAt?.toISOString() ?? null),
          error: error ?? null,
        }),
      ),
    }),
  );

  api.post(
    '/v1/alerts/silence',
    {
      config: { scope: 'write' },
      schema: {
        summary: 'Tell nothing more about a trouble for a while',
        body: z.strictObject({
          alert: z.string(),
          forMs: z.number().int().min(0).max(longestSilenceMs),
        }),
        response: { 200: z.object({ alert: z.string(), silencedUntil: time }) },
      },
    },
    async ({ body: { alert, forMs }, actor }) => {
      const until = new Date(clock.now().getTime() + forMs);
      if (!(await store.alerts.silence(alert, until))) {
        throw new Refusal(
          'unknown',
          'no-alert',
          `no alert '${alert}' stands`,
          'See `hub notify list`.',
        );
      }
      const detail = until.toISOString();
      await store.audit.append({ actor, action: 'alert.silence', object: alert, detail });
      return { alert, silencedUntil: detail };
    },
  );

  api.post(
    '/v1/channels/test',
    {
      config: { scope: 'socket' },
      schema: {
        summary: 'Send a test through one channel, or through all',
        body: z.strictObject({ channel: z.string().optional() }),
        response: { 200: z.object({ results: z.array(testView) }) },
      },
    },
    async ({ body: { channel: wanted } }) => {
      const channels = notifier.channels.filter(({ name }) => (wanted ?? name) === name);
      if (channels.length === 0) throw noChannel(wanted, notifier.channels);
      const results = await notifier.test(channels, AbortSignal.timeout(longestTestMs));
      return {
        results: results.map(({ channel: { name, kind }, sent }) => ({
          ...{ channel: name, kind, sent: sent.kind === 'sent' },
          detail: sent.kind === 'sent' ? sent.answer : sent.fact,
          hint: sent.kind === 'sent' ? null : sent.hint,
        })),
      };
    },
  );
}

function noChannel(wanted: string | undefined, channels: readonly { readonly name: string }[]) {
  const names = channels.map(({ name }) => name).join(', ');
  return new Refusal(
    'invalid',
    'no-channel',
    wanted === undefined || names === ''
      ? 'hub.toml names no channel: troubles are told in the log alone'
      : `hub.toml names no channel '${wanted}'`,
    names === ''
      ? 'Add [[notify.mail]] or another to hub.toml (docs/alerts.md), then: systemctl restart sixhub'
      : `It names: ${names}.`,
  );
}

function view({ alert, toldAt, toldLevel, silencedUntil }: KnownAlert): AlertView {
  const { id, kind, subject, severity, since, endsAt, headline, fact, fix } = alert;
  return {
    ...{ id, kind, subject, severity, headline, fact, fix },
    since: since.toISOString(),
    endsAt: endsAt?.toISOString() ?? null,
    toldAt: toldLevel === undefined ? null : (toldAt?.toISOString() ?? null),
    silencedUntil: silencedUntil?.toISOString() ?? null,
  };
}
