import {
  exitCodes,
  formatDuration,
  isRecord,
  painter,
  systemClock,
  wrap,
  type ExitCode,
  type Paint,
  type Style,
  type Terminal,
} from '@sixhub/base';
import type { Examined, Finding } from './answers.js';
import { connectHub, type ConnectionOptions } from './client.js';

interface DoctorInput {
  readonly operands: readonly string[];
  readonly json: boolean;
  readonly options: ConnectionOptions;
}

const marks = { ok: 'ok   ', wrong: 'WRONG', doubtful: 'look ', 'not tested': '?    ' } as const;

const styles: Readonly<Record<Finding['state'], Style>> = {
  ok: 'green',
  wrong: 'red',
  doubtful: 'yellow',
  'not tested': 'dim',
};

const titles = {
  machine: (subject: string) => subject,
  zone: (subject: string) => `${subject}, the zone that CNAMEs point into`,
  authority: (subject: string) => `${subject}, an authority`,
  domain: (subject: string) => subject,
} as const;

export async function doctor(
  { operands, options, json }: DoctorInput,
  terminal: Terminal,
): Promise<ExitCode> {
  const hub = await connectHub(options);
  const query = operands.map((domain) => `domain=${encodeURIComponent(domain)}`).join('&');
  const startedAt = systemClock.now().getTime();
  const paint = painter(terminal.colour?.out === true);
  using kept = json
    ? undefined
    : terminal.screen?.keep(() => {
        const spent = systemClock.now().getTime() - startedAt;
        return [`looks, as an authority would · ${formatDuration(Math.max(1_000, spent))}`];
      });
  void kept; // taken away by this block
  const counts = { ok: 0, wrong: 0, doubtful: 0, 'not tested': 0 };
  for await (const examined of hub.lines<Examined>(`/v1/doctor?${query}`, terminal.signal)) {
    for (const { state } of examined.findings) counts[state] += 1;
    terminal.out(json ? JSON.stringify(examined) : describe(examined, paint, terminal.outColumns));
  }
  if (!json) terminal.out(summary(counts));
  return counts.wrong === 0 ? exitCodes.done : exitCodes.failed;
}

function describe({ about, subject, findings }: Examined, paint: Paint, width = Infinity): string {
  const title = wrap(titles[about](subject), width, 2);
  return [title, ...findings.flatMap((finding) => lines(finding, paint, width)), ''].join('\n');
}

function lines(
  { state, what, remedy, record }: Finding,
  paint: Paint,
  width: number,
): readonly string[] {
  const beside = (text: string): readonly string[] =>
    text
      .split('\n')
      .flatMap((line) => (isRecord(line) ? [line] : wrap(line, width - indent).split('\n')));
  const below = (text: string): string => `${' '.repeat(indent)}${text}`;
  const good = state === 'ok' || state === 'not tested';
  const [first = '', ...more] = beside(what);
  return [
    `  ${paint(styles[state], marks[state])} ${first}`,
    ...more.map(below),
    ...(remedy === undefined ? [] : beside(remedy).map(below)),
    // What is there already is worth its line only to who wants it whole: --json.
    ...(record === undefined || good ? [] : record.split('\n').map(below)),
  ];
}

const indent = 8;

function summary(counts: Readonly<Record<Finding['state'], number>>): string {
  const told = [
    `${counts.ok} ok`,
    `${counts.wrong} wrong`,
    ...(counts.doubtful === 0 ? [] : [`${counts.doubtful} to look at`]),
    ...(counts['not tested'] === 0 ? [] : [`${counts['not tested']} not tested`]),
  ];
  return told.join(', ');
}
