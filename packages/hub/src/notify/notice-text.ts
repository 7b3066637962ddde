import { formatDuration } from '@sixhub/base';
import { mostAlertsOfAKind, type Alert, type AlertKind } from '../domain/alert.js';
import type { NewsGroup, Notice } from '../domain/notice.js';
import { wrapWords } from '../domain/wrap-words.js';

/**
 * A message as people read it, on a phone and at night: the subject says what is the matter, the first line of the
 * text what to do.
 */
export interface NoticeText {
  readonly subject: string;
  readonly text: string;
}

/** RFC 5322 §2.1.1 asks for 78 at most; a quotation of it has room then. */
const columns = 72;

const wrap = (text: string, first = '', next = ''): string => wrapWords(text, columns, first, next);

export function renderNotice({ at, groups }: Notice, hub: string): NoticeText {
  const [first, ...others] = groups;
  if (first === undefined) return { subject: `nothing to tell [${hub}]`, text: '' };
  const rest = others.reduce((sum, group) => sum + group.count, 0);
  const more = rest === 0 ? '' : ` (and ${rest} more)`;
  const parts = groups.map((group) =>
    group.news === 'over' ? overText(group) : standingText(group, at),
  );
  const footer = `Told by the hub on ${hub}, ${minuteOf(at)}.\nAll that stands: hub notify list`;
  return {
    subject: `${groupHeadline(first, at)}${more} [${hub}]`,
    text: `${[...parts, `-- \n${footer}`].join('\n\n')}\n`,
  };
}

function standingText(group: NewsGroup, now: Date): string {
  const [first] = group.alerts;
  if (first === undefined) return '';
  const lines = [
    wrap(first.fix),
    '',
    wrap(`${group.news === 'reminder' ? 'Still: ' : ''}${sentence(groupHeadline(group, now))}`),
    ...(group.count === 1 ? [wrap(datesOf(first))] : listOf(group, now)),
    wrap(sentence(first.fact)),
  ];
  return lines.filter((line, index) => line !== '' || index === 1).join('\n');
}

function datesOf({ since, endsAt }: Alert): string {
  const from = `Since ${minuteOf(since)}.`;
  return endsAt === undefined ? from : `${from} Ends ${minuteOf(endsAt)}.`;
}

function listOf({ alerts, count }: NewsGroup, now: Date): readonly string[] {
  const unnamed = count - alerts.length;
  return [
    ...alerts.map((alert) => wrap(headlineOf(alert, now), '- ', '  ')),
    ...(unnamed === 0 ? [] : [`- and ${unnamed} more: hub notify list`]),
    'The first of them:',
  ];
}

function overText(group: NewsGroup): string {
  const names = group.alerts.map(({ subject }) => subject);
  const unnamed = group.count - names.length;
  const list = [...names, ...(unnamed === 0 ? [] : [`${unnamed} more`])].join(', ');
  return wrap(`Over, nothing to do: ${overWords[group.kind]} (${list}).`);
}

/** The subject's first words. */
function groupHeadline(group: NewsGroup, now: Date): string {
  const [first] = group.alerts;
  if (first === undefined) return '';
  if (group.news === 'over') {
    return group.count === 1
      ? `Over: ${overWords[group.kind]}: ${first.subject}`
      : `Over: ${overWords[group.kind]} (${group.count})`;
  }
  return group.count === 1
    ? headlineOf(first, now)
    : `${countOf(group)} ${manyWords[group.kind]}${firstEnd(first, now)}`;
}

function headlineOf(alert: Alert, now: Date): string {
  const { endsAt, headline, kind } = alert;
  if (endsAt === undefined) return headline;
  const left = endsAt.getTime() - now.getTime();
  if (left <= 0) return `${headline} ${formatDuration(-left)} ago`;
  // What a gone CNAME brings to its end is its certificates.
  const what = kind === 'delegation' ? 'needed within' : 'ends in';
  return `${headline}, ${what} ${formatDuration(left)}`;
}

function countOf({ count }: NewsGroup): string {
  return count < mostAlertsOfAKind ? `${count}` : `${count} or more`;
}

function firstEnd({ endsAt }: Alert, now: Date): string {
  if (endsAt === undefined) return '';
  const left = endsAt.getTime() - now.getTime();
  return left > 0
    ? `, the first ends in ${formatDuration(left)}`
    : `, the first ended ${formatDuration(-left)} ago`;
}

const manyWords: Readonly<Record<AlertKind, string>> = {
  certificate: "certificates can't be issued or renewed",
  delegation: 'CNAMEs are gone',
  deployment: 'certificates are not served as they should be',
  rollout: 'rollouts stopped',
  agent: 'agents are silent',
  copy: 'agents have been copied',
  host: 'hosts are not as they should be',
  terms: 'authorities have new terms of service',
  clock: 'clocks are wrong',
};

const overWords: Readonly<Record<AlertKind, string>> = {
  certificate: 'issued, or not wanted any more',
  delegation: 'the CNAME is there again, or not needed any more',
  deployment: 'installed and served, or not wanted any more',
  rollout: 'goes on, was taken back, or another version is out',
  agent: 'the agent is heard of again, or was removed',
  copy: 'the agent was removed, or one machine alone was seen for a week',
  host: 'the host is as described, or its agent was removed',
  terms: 'the terms are agreed to',
  clock: 'renewals go on',
};

export function minuteOf(at: Date): string {
  return `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
