import {
  exitCodes,
  painter,
  runProgram,
  SixhubError,
  type ExitCode,
  type Terminal,
} from '@sixhub/base';
import { countFindings, countsText, findingsText } from '@sixhub/base/finding-text';
import { readMachine } from '../facts/machine.js';
import { abouts, type About, type VerifyFinding } from '../domain/verify/finding.js';
import type { VerifyPorts } from '../verify/look.js';
import { verify } from '../verify/verify.js';
import { chooseHost, readSoundEstate } from './load.js';
import { targetsOf, type TargetOptions } from './targets.js';

interface Options extends TargetOptions {
  readonly config: string;
  readonly host: string | undefined;
}

export async function verifyHost(
  input: { readonly options: Options; readonly json: boolean },
  terminal: Terminal,
): Promise<ExitCode> {
  const { options, json } = input;
  const estate = await readSoundEstate(options.config);
  const { hostname } = await readMachine('/', []);
  const host = chooseHost(estate.hosts, options.host, hostname);
  const targets = targetsOf(options, host);
  mustBeRoot();
  const begun = performance.now();
  const findings = await verify(host, verifyPorts(), targets);
  const seconds = Math.round((performance.now() - begun) / 100) / 10;
  const counts = countFindings(findings);
  if (json) terminal.out(JSON.stringify({ host: host.name, seconds, counts, findings }));
  else {
    terminal.out(verifyText(findings, terminal));
    terminal.out(`${host.name}: ${countsText(counts)}, in ${seconds} s.`);
  }
  if (counts.wrong > 0) return exitCodes.failed;
  // A check that saw nothing is none.
  return counts.ok === 0 ? exitCodes.unreachable : exitCodes.done;
}

/** This program itself, for its probes' workers. */
export function verifyPorts(): VerifyPorts {
  const [node = process.execPath, file = ''] = process.argv;
  return { run: runProgram, program: [node, file] };
}

export function mustBeRoot(): void {
  if (process.geteuid?.() === 0) return;
  throw new SixhubError({
    code: 'verify-needs-root',
    fact: 'packets can be sent and seen by root alone',
    hint: 'Run it with sudo.',
    exit: exitCodes.unreachable,
  });
}

const titles: Readonly<Record<About, string>> = {
  advertisement: 'Router advertisement',
  client: 'A client on the inside',
  names: 'Names (DNS64)',
  reach: 'Ways out',
  machines: 'Virtual machines',
  host: 'The host',
};

export function verifyText(findings: readonly VerifyFinding[], terminal: Terminal): string {
  const paint = painter(terminal.colour?.out === true);
  const width = terminal.outColumns ?? 100;
  return abouts
    .map((about) => [about, findings.filter((one) => one.about === about)] as const)
    .filter(([, own]) => own.length > 0)
    .map(([about, own]) => findingsText(titles[about], own.map(asShown), paint, width))
    .join('\n');
}

function asShown(finding: VerifyFinding): Parameters<typeof countFindings>[0][number] {
  const { state, what } = finding;
  switch (finding.state) {
    case 'ok':
      return { state, what };
    case 'not tested':
      return { state, what, remedy: `because: ${finding.cause}` };
    default:
      return { state, what, remedy: `because: ${finding.cause}\ndo: ${finding.remedy}` };
  }
}
