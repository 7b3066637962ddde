import { exitCodes, formatDuration, type ExitCode, type Terminal } from '@sixhub/base';
import { wrapWords } from '../domain/wrap-words.js';
import type { AlertView, ChannelView, TestView } from './answers.js';
import { connectHub, type ConnectionOptions } from './client.js';

interface NotifyInput {
  readonly operands: readonly string[];
  readonly json: boolean;
  readonly options: ConnectionOptions;
}

interface Standing {
  readonly alerts: readonly AlertView[];
  readonly channels: readonly ChannelView[];
}

export async function list({ options, json }: NotifyInput, terminal: Terminal): Promise<ExitCode> {
  const hub = await connectHub(options);
  const standing = await hub.call<Standing>('GET', '/v1/alerts');
  const now = Date.now();
  terminal.out(json ? JSON.stringify(standing) : describe(standing, now, terminal.outColumns));
  const isBad =
    standing.alerts.some((alert) => !isSilenced(alert, now)) ||
    standing.channels.some(({ error }) => error !== null);
  return isBad ? exitCodes.failed : exitCodes.done;
}

export async function test(
  { operands, options, json }: NotifyInput,
  terminal: Terminal,
): Promise<ExitCode> {
  const hub = await connectHub(options);
  const [channel] = operands;
  const answer = await hub.call<{ readonly results: readonly TestView[] }>(
    'POST',
    '/v1/channels/test',
    channel === undefined ? {} : { channel },
  );
  terminal.out(json ? JSON.stringify(answer) : answer.results.map(describeTest).join('\n'));
  return answer.results.every(({ sent }) => sent) ? exitCodes.done : exitCodes.failed;
}

export async function silence(
  { operands, options, json }: NotifyInput & { readonly options: { readonly for: number } },
  terminal: Terminal,
): Promise<ExitCode> {
  const hub = await connectHub(options);
  const answer = await hub.call<{ readonly alert: string; readonly silencedUntil: string }>(
    'POST',
    '/v1/alerts/silence',
    { alert: operands[0] ?? '', forMs: options.for },
  );
  const { alert, silencedUntil } = answer;
  const said =
    options.for === 0
      ? `${alert} is told again from now on`
      : `nothing is told about ${alert} until ${silencedUntil}, or until it is over`;
  terminal.out(json ? JSON.stringify(answer) : said);
  return exitCodes.done;
}

function describe({ alerts, channels }: Standing, now: number, columns = Infinity): string {
  return [
    ...(alerts.length === 0
      ? ['no trouble stands']
      : alerts.map((one) => describeAlert(one, now, columns))),
    '',
    ...(channels.length === 0
      ? ['told in the log alone: hub.toml names no channel']
      : channels.map((channel) => describeChannel(channel, now))),
  ].join('\n');
}

function describeAlert(alert: AlertView, now: number, columns: number): string {
  const line = (title: string, text: string): string =>
    wrapWords(text, columns, `  ${title.padEnd(7)}`, ' '.repeat(9));
  const { id, severity, headline, since, endsAt, fact, fix } = alert;
  const left = endsAt === null ? undefined : Date.parse(endsAt) - now;
  const ends =
    left === undefined
      ? ''
      : left > 0
        ? `, ends in ${formatDuration(left)}`
        : `, ended ${formatDuration(-left)} ago`;
  return [
    `${id}  ${severity}`,
    `  ${headline}${ends}`,
    line('do', fix),
    line('fact', fact),
    line('since', `${since}, ${told(alert, now)}`),
  ].join('\n');
}

function told(alert: AlertView, now: number): string {
  const was = alert.toldAt === null ? 'not told yet' : `told ${alert.toldAt}`;
  return isSilenced(alert, now) ? `${was}, silenced until ${alert.silencedUntil ?? ''}` : was;
}

function isSilenced({ silencedUntil }: AlertView, now: number): boolean {
  return silencedUntil !== null && Date.parse(silencedUntil) > now;
}

function describeChannel(channel: ChannelView, now: number): string {
  const { name, kind, lastSentAt, waiting, nextTryAt, error } = channel;
  const title = name === kind ? name : `${name} (${kind})`;
  const last = lastSentAt === null ? 'nothing sent yet' : `last sent ${lastSentAt}`;
  if (error === null) return `${title}: ${last}`;
  const next =
    nextTryAt === null
      ? 'given up'
      : `${waiting} waiting, tried again in ${formatDuration(Date.parse(nextTryAt) - now)}`;
  return `${title}: FAILS: ${error}; ${next}; ${last}`;
}

function describeTest({ channel, sent, detail, hint }: TestView): string {
  return sent
    ? `${channel}: sent (${detail})`
    : `${channel}: NOT SENT: ${detail}${hint === null ? '' : `\n  ${hint}`}`;
}
