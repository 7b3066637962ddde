import {
  exitCodes,
  formatDuration,
  painter,
  systemClock,
  type ExitCode,
  type Terminal,
} from '@sixhub/base';
import { countFindings, countsText, findingsText } from '@sixhub/base/finding-text';
import type { Examined, Finding } from './answers.js';
import { connectHub, type ConnectionOptions } from './client.js';

interface DoctorInput {
  readonly operands: readonly string[];
  readonly json: boolean;
  readonly options: ConnectionOptions;
}

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
  const findings: Finding[] = [];
  for await (const examined of hub.lines<Examined>(`/v1/doctor?${query}`, terminal.signal)) {
    findings.push(...examined.findings);
    const title = titles[examined.about](examined.subject);
    terminal.out(
      json
        ? JSON.stringify(examined)
        : findingsText(title, examined.findings, paint, terminal.outColumns),
    );
  }
  const counts = countFindings(findings);
  if (!json) terminal.out(countsText(counts));
  return counts.wrong === 0 ? exitCodes.done : exitCodes.failed;
}
