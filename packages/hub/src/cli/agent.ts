import { exitCodes, labelled, wrap, type ExitCode, type Terminal } from '@sixhub/base';
import type { AgentView, CertificateView } from './answers.js';
import { connectHub, type ConnectionOptions } from './client.js';
import { momentText } from './moment-text.js';
import {
  needLines,
  nobodyLines,
  sheetOf,
  standingLines,
  withoutRepeats,
  type Sheet,
} from './standing-text.js';

interface AgentInput {
  readonly operands: readonly string[];
  readonly json: boolean;
  readonly options: ConnectionOptions;
}

export async function add(
  {
    operands,
    options,
    json,
  }: AgentInput & { readonly options: { readonly cert: readonly string[] } },
  terminal: Terminal,
): Promise<ExitCode> {
  const hub = await connectHub(options);
  const invited = await hub.call<{ agent: AgentView; token: string; expiresAt: string }>(
    'POST',
    '/v1/agents',
    { name: operands[0], grants: options.cert },
  );
  if (json) {
    terminal.out(JSON.stringify(invited));
    return exitCodes.done;
  }
  // The token alone on standard output: it can be piped, and never has to stand on a command line.
  terminal.err(
    [
      `On ${invited.agent.name}, as root, run`,
      '',
      '  hub-agent enroll',
      '',
      `and give it this token when it asks (until ${invited.expiresAt}, once):`,
    ].join('\n'),
  );
  terminal.out(invited.token);
  return exitCodes.done;
}

export async function show(
  { operands, options, json }: AgentInput,
  terminal: Terminal,
): Promise<ExitCode> {
  const hub = await connectHub(options);
  const name = operands[0] ?? '';
  const view = await hub.call<AgentView>('GET', `/v1/agents/${encodeURIComponent(name)}`);
  if (json) {
    terminal.out(JSON.stringify(view));
    return exitCodes.done;
  }
  const sheet = sheetOf('agent', terminal);
  const standings = withoutRepeats(view.standings ?? []);
  const needs = needLines(standings, sheet);
  const { status, statusAt, lastSeenAt, grants, copied } = view;
  const facts = [
    ['status', statusAt === null ? status : `${status} since ${momentText(statusAt, sheet.now)}`],
    ['heard of', lastSeenAt === null ? 'never' : momentText(lastSeenAt, sheet.now)],
    ['program', programText(view)],
    ['may have', grants.join(' ') || 'nothing'],
  ] as const;
  terminal.out(
    [
      ...(needs.length > 0 ? needs : nobodyLines(standings, summary(view), sheet)),
      view.name,
      ...labelled(facts, sheet.width),
      ...copiedLines(copied, sheet),
      ...hostLines(view.host, sheet),
      ...standingLines(standings, sheet),
    ].join('\n'),
  );
  return exitCodes.done;
}

function copiedLines(copied: AgentView['copied'], { now, width }: Sheet): readonly string[] {
  if (copied === null) return [];
  return [
    '',
    'COPIED: two machines use its identity by turns',
    ...copied.machines.map(({ from, since }) =>
      wrap(`  one at ${from}, there since ${momentText(since, now)}`, width),
    ),
    wrap(`  ${copied.fix}`, width),
  ];
}

function hostLines(host: AgentView['host'], { now, width }: Sheet): readonly string[] {
  if (host === null) return [];
  const { state, since, at, troubles, count } = host;
  const more = count - troubles.length;
  return [
    '',
    wrap(
      `host: ${hostWords[state]} since ${momentText(since, now)}, looked at ${momentText(at, now)}`,
      width,
    ),
    ...troubles.flatMap(({ what, remedy }) => [
      wrap(`  ${what}`, width, 4),
      ...(remedy === undefined ? [] : [wrap(`    ${remedy}`, width, 4)]),
    ]),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ];
}

const hostWords = {
  right: 'as described',
  drifted: 'NOT AS DESCRIBED',
  unknown: 'not all of it could be seen',
  failed: 'COULD NOT BE LOOKED AT',
} as const;

function programText({ program, node }: AgentView): string {
  if (program === null) return 'not told yet';
  return node === null ? program : `${program} on Node ${node}`;
}

function summary({ standings = [], grants }: AgentView): string {
  if (grants.length === 0) return 'it may have no certificate';
  const services = standings.filter(({ service }) => service !== null);
  const serving = services.filter(({ state }) => state === 'serving');
  return services.length === 0
    ? 'what it may have is installed, and no service is named for it'
    : `${serving.length} of ${services.length} services serve what they should`;
}

export function grant(input: AgentInput, terminal: Terminal): Promise<ExitCode> {
  return changeGrant('PUT', input, terminal);
}

export function ungrant(input: AgentInput, terminal: Terminal): Promise<ExitCode> {
  return changeGrant('DELETE', input, terminal);
}

async function changeGrant(
  method: 'PUT' | 'DELETE',
  { operands, options, json }: AgentInput,
  terminal: Terminal,
): Promise<ExitCode> {
  const hub = await connectHub(options);
  const [name = '', certificate = ''] = operands.map(encodeURIComponent);
  const agent = await hub.call<AgentView>(method, `/v1/agents/${name}/grants/${certificate}`);
  terminal.out(
    json ? JSON.stringify(agent) : `${agent.name} may have: ${agent.grants.join(' ') || 'nothing'}`,
  );
  return exitCodes.done;
}

export async function remove(
  { operands, options, json }: AgentInput,
  terminal: Terminal,
): Promise<ExitCode> {
  const hub = await connectHub(options);
  const name = operands[0] ?? '';
  const path = `/v1/certificates?limit=1000&agent=${encodeURIComponent(name)}`;
  const { certificates } = await hub.call<{ certificates: readonly CertificateView[] }>(
    'GET',
    path,
  );
  await hub.call('DELETE', `/v1/agents/${encodeURIComponent(name)}`);
  terminal.out(
    json
      ? JSON.stringify({ removed: name })
      : `${name} is removed; what it has installed stays on it`,
  );
  const orphans = certificates.filter(({ keyOn }) => keyOn === name).map((one) => one.name);
  if (!json && orphans.length > 0) {
    terminal.err(
      `The private key of ${orphans.join(', ')} is there and nowhere else, so that none is renewed before a machine of that name is there again (hub agent add ${name} --cert ${orphans[0]}), or the hub makes the key (hub issue DOMAIN --as ${orphans[0]} --key-at-hub).`,
    );
  }
  return exitCodes.done;
}
