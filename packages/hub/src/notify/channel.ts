import type { Severity } from '../domain/alert.js';
import type { Notice } from '../domain/notice.js';
import { minuteOf, renderNotice } from './notice-text.js';

/** A way to tell people, as hub.toml names it. */
export interface Channel {
  readonly name: string;
  readonly kind: ChannelKind;
  /** Never throws for what the other side does; no secret is in what it returns. */
  send(message: Message, signal: AbortSignal): Promise<Sent>;
}

export type ChannelKind = 'mail' | 'webhook' | 'ntfy' | 'command';

export type Sent =
  /** `answer`: the other side's words. */
  | { readonly kind: 'sent'; readonly answer: string }
  | { readonly kind: 'failed'; readonly fact: string; readonly hint: string };

export interface Message {
  /** The same at each try. */
  readonly id: string;
  readonly at: Date;
  readonly subject: string;
  readonly text: string;
  /** `over`: nothing in it stands any more. */
  readonly urgency: Severity | 'over' | 'test';
  /** The same for programs. */
  readonly document: object;
}

export function messageOf(notice: Notice, hub: string): Message {
  const { id, at, groups } = notice;
  const { subject, text } = renderNotice(notice, hub);
  const alerts = groups
    .filter(({ news }) => news !== 'over')
    .flatMap((group) => group.alerts.map(({ severity }) => severity));
  return {
    ...{ id, at, subject, text },
    urgency: alerts.includes('critical') ? 'critical' : alerts.length > 0 ? 'warning' : 'over',
    document: {
      type: 'sixhub.alerts',
      timestamp: at.toISOString(),
      data: { hub, subject, text, groups },
    },
  };
}

export function testMessage(id: string, at: Date, hub: string): Message {
  const subject = `Test of the alerts of the hub on ${hub}`;
  const text = [
    'Nothing to do: this is a test, asked for by `hub notify test`.',
    '',
    `Told by the hub on ${hub}, ${minuteOf(at)}. What is told this way is listed`,
    'by: hub notify list',
    '',
  ].join('\n');
  return {
    ...{ id, at, subject, text },
    urgency: 'test',
    document: {
      type: 'sixhub.test',
      timestamp: at.toISOString(),
      data: { hub, subject, text, groups: [] },
    },
  };
}
