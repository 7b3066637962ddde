import { exitCodes, formatTable, type ExitCode, type Terminal } from '@sixhub/base';
import type { AgentView } from './answers.js';
import { connectHub, wholeList, type ConnectionOptions } from './client.js';

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

export async function list({ options, json }: AgentInput, terminal: Terminal): Promise<ExitCode> {
  const hub = await connectHub(options);
  const agents = await wholeList<AgentView>(hub, '/v1/agents', 'agents');
  if (json) terminal.out(JSON.stringify({ agents }));
  else if (agents.length === 0)
    terminal.out('no agent yet; invite one with: hub agent add NAME --cert CERTIFICATE');
  else {
    const rows = agents.map(({ name, status, lastSeenAt, grants }) => [
      name,
      status,
      lastSeenAt ?? 'never',
      grants.join(' '),
    ]);
    terminal.out(
      formatTable(['NAME', 'STATUS', 'LAST SEEN', 'CERTIFICATES'], rows, terminal.columns),
    );
  }
  return exitCodes.done;
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
  await hub.call('DELETE', `/v1/agents/${encodeURIComponent(name)}`);
  terminal.out(
    json
      ? JSON.stringify({ removed: name })
      : `${name} is removed; what it has installed stays on it`,
  );
  return exitCodes.done;
}
