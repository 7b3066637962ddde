import { exitCodes, formatTable, usageError, type ExitCode, type Terminal } from '@sixhub/base';
import type { AuthorityView } from './answers.js';
import { connectHub, type ConnectionOptions } from './client.js';

interface AccountInput {
  readonly operands: readonly string[];
  readonly json: boolean;
  readonly options: ConnectionOptions;
}

export async function list({ options, json }: AccountInput, terminal: Terminal): Promise<ExitCode> {
  const hub = await connectHub(options);
  const answer = await hub.call<{ authorities: readonly AuthorityView[] }>(
    'GET',
    '/v1/authorities',
  );
  const rows = answer.authorities.map(({ name, account }) => [
    name,
    stateOf(account),
    account.keyAt?.slice(0, 10) ?? '-',
    account.url ?? '-',
  ]);
  terminal.out(
    json
      ? JSON.stringify(answer)
      : formatTable(['AUTHORITY', 'STATE', 'KEY SINCE', 'ACCOUNT'], rows, terminal.columns),
  );
  return exitCodes.done;
}

function stateOf({ url, deactivatedAt, changingKey }: AuthorityView['account']): string {
  if (deactivatedAt !== null) return 'deactivated';
  if (changingKey) return 'changes its key';
  return url === null ? 'not registered' : 'ok';
}

/** What each change says when it is done. */
const done = {
  update: ({ contact }: AuthorityView['account']) =>
    contact.length === 0 ? 'it knows no contact now' : `it knows ${contact.join(', ')} now`,
  rollover: () => 'the account has a new key; the old one is worth nothing any more',
  deactivate: () =>
    'the account is deactivated for good, and nothing is ordered there until `hub account register`',
  register: ({ url }: AuthorityView['account']) => `a new account with a new key: ${url ?? ''}`,
};

export function update(input: AccountInput, terminal: Terminal): Promise<ExitCode> {
  return change(input, 'update', terminal);
}

export function rollover(input: AccountInput, terminal: Terminal): Promise<ExitCode> {
  return change(input, 'rollover', terminal);
}

export async function deactivate(
  input: AccountInput & { readonly options: { readonly yes: boolean } },
  terminal: Terminal,
): Promise<ExitCode> {
  await agreed(
    input.options.yes,
    `Deactivate the account at ${input.operands[0] ?? ''} for good?`,
    terminal,
  );
  return change(input, 'deactivate', terminal);
}

export async function register(
  input: AccountInput & { readonly options: { readonly yes: boolean } },
  terminal: Terminal,
): Promise<ExitCode> {
  await agreed(
    input.options.yes,
    `Make a new account at ${input.operands[0] ?? ''}, agreeing to its terms? The one before is left as it is there.`,
    terminal,
  );
  return change(input, 'register', terminal);
}

async function agreed(yes: boolean, question: string, terminal: Terminal): Promise<void> {
  if (yes || (await terminal.confirm(question))) return;
  throw usageError('nothing was changed', 'Without a terminal to ask at, --yes says it.');
}

async function change(
  { operands, options, json }: AccountInput,
  what: keyof typeof done,
  terminal: Terminal,
): Promise<ExitCode> {
  const name = operands[0] ?? '';
  const hub = await connectHub(options);
  const view = await hub.call<AuthorityView>(
    'POST',
    `/v1/authorities/${encodeURIComponent(name)}/account/${what}`,
  );
  terminal.out(json ? JSON.stringify(view) : `${name}: ${done[what](view.account)}`);
  return exitCodes.done;
}
