import {
  exitCodes,
  formatTable,
  systemClock,
  wrap,
  type ExitCode,
  type Terminal,
} from '@sixhub/base';
import type { AgentView, FleetView } from './answers.js';
import { connectHub, wholeList, type ConnectionOptions } from './client.js';
import { momentText } from './moment-text.js';

interface ListInput {
  readonly operands: readonly string[];
  readonly json: boolean;
  readonly options: ConnectionOptions & {
    readonly silent: boolean;
    readonly behind: boolean;
    readonly needs: boolean;
    readonly cert: string | undefined;
    readonly status: string | undefined;
    readonly version: string | undefined;
    readonly 'older-than': string | undefined;
  };
}

export async function list(
  { operands, options, json }: ListInput,
  terminal: Terminal,
): Promise<ExitCode> {
  const hub = await connectHub(options);
  const wanted = queryOf(operands[0], options);
  const summary = await hub.call<FleetView>('GET', `/v1/fleet?${wanted.toString()}`);
  const agents = await wholeList<AgentView>(hub, '/v1/agents', 'agents', wanted);
  if (json) {
    terminal.out(JSON.stringify({ agents, summary }));
    return exitCodes.done;
  }
  if (agents.length === 0) {
    terminal.out(
      wanted.size === 0
        ? 'no agent yet; invite one with: hub agent add NAME --cert CERTIFICATE'
        : 'no such agent',
    );
    return exitCodes.done;
  }
  const now = systemClock.now();
  const heardOf = ({ lastSeenAt }: AgentView): string =>
    lastSeenAt === null ? 'never' : momentText(lastSeenAt, now);
  const rows = agents.map((agent) => [
    ...[agent.name, standsAs(agent), agent.program ?? '-', heardOf(agent)],
    agent.grants.join(' '),
  ]);
  const header = ['NAME', 'STANDS', 'VERSION', 'LAST SEEN', 'CERTIFICATES'];
  terminal.out(formatTable(header, rows, terminal.columns));
  terminal.out(wrap(summaryText(summary), terminal.outColumns ?? Infinity, 2));
  return exitCodes.done;
}

function queryOf(name: string | undefined, options: ListInput['options']): URLSearchParams {
  const wanted = new URLSearchParams();
  const { silent, behind, needs, cert, status, version, 'older-than': olderThan } = options;
  const words = { name, certificate: cert, status, version, older_than: olderThan };
  const flags = { silent, behind, needs_person: needs };
  for (const [key, value] of Object.entries(words)) if (value !== undefined) wanted.set(key, value);
  for (const [key, isSet] of Object.entries(flags)) if (isSet) wanted.set(key, 'true');
  return wanted;
}

/** One word, as the summary counts them, and whether a person is needed. */
function standsAs({ status, silent, behind, needsPerson, copied, pushed }: AgentView): string {
  const word =
    status !== 'active' ? status : silent ? 'SILENT' : behind === true ? 'behind' : 'well';
  return [
    word,
    ...(copied === null ? [] : ['COPIED']),
    ...(pushed ? ['pushed'] : []),
    ...(needsPerson === true && !silent && status === 'active' ? ['needs you'] : []),
  ].join(', ');
}

/** `3,214 agents: 3,190 well, 12 behind, 9 silent, 3 invited; versions 0.1.0 (3,200), 0.0.9 (14)`. */
function summaryText({ agents, versions, needsPerson, ...counts }: FleetView): string {
  const kinds = (['well', 'behind', 'silent', 'invited'] as const)
    .filter((kind) => counts[kind] > 0)
    .map((kind) => `${grouped(counts[kind])} ${kind}`);
  const programs = versions.map((one) => `${one.version ?? 'not told'} (${grouped(one.agents)})`);
  return [
    `${grouped(agents)} ${agents === 1 ? 'agent' : 'agents'}: ${kinds.join(', ')}`,
    ...(needsPerson === 0
      ? []
      : [`${grouped(needsPerson)} ${needsPerson === 1 ? 'needs' : 'need'} a person`]),
    ...(programs.length === 0 ? [] : [`versions ${programs.join(', ')}`]),
  ].join('; ');
}

function grouped(count: number): string {
  return count.toLocaleString('en-US');
}
