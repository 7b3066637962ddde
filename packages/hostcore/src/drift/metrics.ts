import { differenceKinds } from '../domain/drift.js';
import { hostStates, type HostStatus } from './status.js';

/** The text format of Prometheus, as node_exporter's textfile collector takes it. */
export function metricsText(status: HostStatus): string {
  const { differences, verified, state, at } = status;
  const count = (kind: string): number => differences.filter((one) => one.kind === kind).length;
  const findings = verified?.findings ?? [];
  return [
    family('state', 'How the host is, by host.toml: 1 at the state that holds.'),
    ...hostStates.map((one) => sample('state', { state: one }, one === state ? 1 : 0)),
    family('differences', 'What is not as host.toml has it.'),
    ...differenceKinds.map((kind) => sample('differences', { kind }, count(kind))),
    ...(verified === null
      ? []
      : [
          family('findings', 'What packets proved, or did not.'),
          ...(['ok', 'wrong', 'doubtful', 'not tested'] as const).map((one) =>
            sample('findings', { state: one }, findings.filter((f) => f.state === one).length),
          ),
          family('wrong', 'What packets proved to be wrong; absent where it is not.'),
          ...[...new Set(findings.filter((one) => one.state === 'wrong').map(({ id }) => id))].map(
            (id) => sample('wrong', { id }, 1),
          ),
          family('verify_seconds', 'How long the packets took.'),
          sample('verify_seconds', {}, verified.seconds),
        ]),
    family('looked_timestamp_seconds', 'When this was looked at.'),
    sample('looked_timestamp_seconds', {}, Math.floor(Date.parse(at) / 1_000)),
    '',
  ].join('\n');
}

const prefix = 'sixhub_hostcore_';

function family(name: string, help: string): string {
  return `# HELP ${prefix}${name} ${help}\n# TYPE ${prefix}${name} gauge`;
}

function sample(name: string, labels: Readonly<Record<string, string>>, value: number): string {
  const shown = Object.entries(labels).map(([key, text]) => `${key}="${escaped(text)}"`);
  return `${prefix}${name}${shown.length === 0 ? '' : `{${shown.join(',')}}`} ${value}`;
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
