import { exitCodes, formatTable, type ExitCode, type Terminal } from '@sixhub/base';
import { connectHub, type ConnectionOptions } from './client.js';

interface TokenInput {
  readonly operands: readonly string[];
  readonly json: boolean;
  readonly options: ConnectionOptions;
}

export async function add(
  { operands, options, json }: TokenInput & { readonly options: { readonly scope: string } },
  terminal: Terminal,
): Promise<ExitCode> {
  const hub = await connectHub(options);
  const made = await hub.call<{ name: string; scope: string; token: string }>(
    'POST',
    '/v1/tokens',
    { name: operands[0], scope: options.scope },
  );
  if (!json) terminal.err(`token ${made.name} (${made.scope}); it is shown only now:`);
  terminal.out(json ? JSON.stringify(made) : made.token);
  return exitCodes.done;
}

export async function list({ options, json }: TokenInput, terminal: Terminal): Promise<ExitCode> {
  const hub = await connectHub(options);
  const answer = await hub.call<{
    tokens: readonly { name: string; scope: string; createdAt: string }[];
  }>('GET', '/v1/tokens');
  const rows = answer.tokens.map(({ name, scope, createdAt }) => [name, scope, createdAt]);
  terminal.out(
    json ? JSON.stringify(answer) : formatTable(['NAME', 'SCOPE', 'MADE'], rows, terminal.columns),
  );
  return exitCodes.done;
}

export async function remove(
  { operands, options, json }: TokenInput,
  terminal: Terminal,
): Promise<ExitCode> {
  const hub = await connectHub(options);
  const name = operands[0] ?? '';
  await hub.call('DELETE', `/v1/tokens/${encodeURIComponent(name)}`);
  terminal.out(
    json ? JSON.stringify({ removed: name }) : `the token ${name} is worth nothing from now on`,
  );
  return exitCodes.done;
}
