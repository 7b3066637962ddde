import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { exitCodes, formatTable, type ExitCode, type Terminal } from '@sixhub/base';
import type { AuditLine } from '../store/audit-chain.js';
import { AuditCheck, type Breach } from './audit-check.js';
import { connectHub, type ConnectionOptions, type HubClient } from './client.js';

interface ListInput {
  readonly json: boolean;
  readonly options: ConnectionOptions & {
    readonly limit: number;
    readonly object: string | undefined;
    readonly actor: string | undefined;
    readonly action: string | undefined;
  };
}

interface VerifyInput {
  readonly json: boolean;
  readonly options: ConnectionOptions & {
    readonly head: string | undefined;
    readonly log: string | undefined;
  };
}

const pageLength = 1_000;

export async function list({ options, json }: ListInput, terminal: Terminal): Promise<ExitCode> {
  const hub = await connectHub(options);
  const { limit, object, actor, action } = options;
  const lines: AuditLine[] = [];
  while (lines.length < limit) {
    const before = lines.at(-1)?.seq;
    const wanted = Math.min(pageLength, limit - lines.length);
    const page = await read(hub, { limit: wanted, before, object, actor, action });
    lines.push(...page);
    if (page.length < wanted) break;
  }
  lines.reverse();
  if (json) terminal.out(JSON.stringify({ lines }));
  else if (lines.length === 0) terminal.out('nothing of that kind is in the audit log');
  else {
    const rows = lines.map((line) => [
      ...[line.at.slice(0, 19).replace('T', ' '), line.actor, line.action],
      `${line.object}${line.detail === '' ? '' : ` (${line.detail})`}`,
    ]);
    terminal.out(formatTable(['WHEN (UTC)', 'WHO', 'WHAT', 'OF'], rows, terminal.columns));
  }
  return exitCodes.done;
}

/** The chain is computed here, from what the hub hands out, so that not even the hub is taken at its word. */
export async function verify(
  { options, json }: VerifyInput,
  terminal: Terminal,
): Promise<ExitCode> {
  const hub = await connectHub(options);
  const check = new AuditCheck();
  if (options.head !== undefined) check.expectHead(options.head);
  if (options.log !== undefined) {
    for await (const text of logLines(options.log)) check.expectLogged(text);
  }
  for (let after = 0; ;) {
    const page = await read(hub, { limit: pageLength, after });
    for (const line of page) check.take(line);
    const last = page.at(-1);
    if (last === undefined) break;
    after = last.seq;
  }
  const { lines, head, breaches, compared } = check.end();
  if (json) terminal.out(JSON.stringify({ ok: breaches.length === 0, lines, head, breaches }));
  else {
    for (const breach of breaches) terminal.out(say(breach));
    terminal.out(
      breaches.length === 0
        ? `${lines} lines, each after the one before it; the newest has the hash\n${head}`
        : `the audit log was changed from outside the hub: ${breaches.length} breaches in ${lines} lines.\nKeep the database as it is (cp hub.db elsewhere), and compare with a backup and the journal.`,
    );
    if (compared === 0) {
      terminal.err(
        'Lines cut off at the end show only against the journal: journalctl -u sixhub -o cat | hub audit verify --log -',
      );
    }
  }
  return breaches.length === 0 ? exitCodes.done : exitCodes.failed;
}

function say({ kind, seq }: Breach): string {
  switch (kind) {
    case 'changed':
      return `line ${seq}: it, or the hash of the line before it, was changed`;
    case 'missing':
      return `line ${seq}: is missing`;
    case 'cut':
      return `line ${seq}: the log of the hub has it, and it is not here any more`;
    case 'other':
      return `line ${seq}: the log of the hub has another line with this number`;
    case 'head':
      return 'the hash given by --head is that of no line: lines at the end are missing, or were written anew';
    default:
      return kind satisfies never;
  }
}

async function read(
  hub: HubClient,
  wish: Readonly<Record<string, string | number | undefined>>,
): Promise<readonly AuditLine[]> {
  const query = Object.entries(wish).flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}=${encodeURIComponent(value)}`],
  );
  const path = `/v1/audit?${query.join('&')}`;
  return (await hub.call<{ lines: readonly AuditLine[] }>('GET', path)).lines;
}

function logLines(file: string): AsyncIterable<string> {
  return createInterface({ input: file === '-' ? process.stdin : createReadStream(file) });
}
