import { exitCodes, type ExitCode, type Terminal } from '@sixhub/base';
import type { Examined, Finding } from './answers.js';
import { connectHub, type ConnectionOptions } from './client.js';

interface DoctorInput {
  readonly operands: readonly string[];
  readonly json: boolean;
  readonly options: ConnectionOptions;
}

const marks = { ok: 'ok   ', wrong: 'WRONG', doubtful: 'look ', 'not tested': '?    ' } as const;

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
  const counts = { ok: 0, wrong: 0, doubtful: 0, 'not tested': 0 };
  for await (const examined of hub.lines<Examined>(`/v1/doctor?${query}`, terminal.signal)) {
    for (const { state } of examined.findings) counts[state] += 1;
    terminal.out(json ? JSON.stringify(examined) : describe(examined));
  }
  if (!json) terminal.out(summary(counts));
  return counts.wrong === 0 ? exitCodes.done : exitCodes.failed;
}

function describe({ about, subject, findings }: Examined): string {
  return [titles[about](subject), ...findings.flatMap(lines), ''].join('\n');
}

function lines({ state, what, remedy, record }: Finding): readonly string[] {
  const below = (text: string): string => `        ${text.replaceAll('\n', '\n        ')}`;
  const good = state === 'ok' || state === 'not tested';
  return [
    `  ${marks[state]} ${what}`,
    ...(remedy === undefined ? [] : [below(remedy)]),
    // What is there already is worth its line only to who wants it whole: --json.
    ...(record === undefined || good ? [] : [below(record)]),
  ];
}

function summary(counts: Readonly<Record<Finding['state'], number>>): string {
  const told = [
    `${counts.ok} ok`,
    `${counts.wrong} wrong`,
    ...(counts.doubtful === 0 ? [] : [`${counts.doubtful} to look at`]),
    ...(counts['not tested'] === 0 ? [] : [`${counts['not tested']} not tested`]),
  ];
  return told.join(', ');
}
