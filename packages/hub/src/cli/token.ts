import { exitCodes, formatTable, type ExitCode, type Terminal } from '@sixhub/base';
import type { TokenView } from './answers.js';
import { connectHub, type ConnectionOptions } from './client.js';

interface TokenInput {
  readonly operands: readonly string[];
  readonly json: boolean;
  readonly options: ConnectionOptions;
}

interface AddInput extends TokenInput {
  readonly options: ConnectionOptions & {
    readonly scope: string;
    readonly expires: number | undefined;
  };
}

export async function add(
  { operands, options, json }: AddInput,
  terminal: Terminal,
): Promise<ExitCode> {
  const hub = await connectHub(options);
  const made = await hub.call<{
    name: string;
    scope: string;
    token: string;
    expiresAt: string | null;
  }>('POST', '/v1/tokens', {
    name: operands[0],
    scope: options.scope,
    ...(options.expires === undefined ? {} : { expiresIn: Math.ceil(options.expires / 1_000) }),
  });
  const until = made.expiresAt === null ? 'until it is removed' : `until ${made.expiresAt}`;
  if (!json) terminal.err(`token ${made.name} (${made.scope}, ${until}); it is shown only now:`);
  terminal.out(json ? JSON.stringify(made) : made.token);
  return exitCodes.done;
}

export async function list({ options, json }: TokenInput, terminal: Terminal): Promise<ExitCode> {
  const hub = await connectHub(options);
  const answer = await hub.call<{ tokens: readonly TokenView[] }>('GET', '/v1/tokens');
  if (json) terminal.out(JSON.stringify(answer));
  else if (answer.tokens.length === 0)
    terminal.out('no token yet; make one with: hub token add NAME');
  else {
    const rows = answer.tokens.map(({ name, scope, lastUsedAt, expiresAt }) => [
      ...[name, scope, minute(lastUsedAt) ?? 'never', end(expiresAt)],
    ]);
    terminal.out(formatTable(['NAME', 'SCOPE', 'LAST USED', 'ENDS'], rows, terminal.columns));
  }
  return exitCodes.done;
}

function end(at: string | null): string {
  const text = minute(at);
  if (at === null || text === undefined) return 'never';
  return Date.parse(at) > Date.now() ? text : `${text} EXPIRED`;
}

function minute(at: string | null): string | undefined {
  return at?.slice(0, 16).replace('T', ' ').concat('Z');
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
