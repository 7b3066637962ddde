import { exitCodes, formatTable, type ExitCode, type Terminal } from '@sixhub/base';
import type { RecordView } from './answers.js';
import { connectHub, type ConnectionOptions } from './client.js';

interface RecordsInput {
  readonly json: boolean;
  readonly options: ConnectionOptions & { readonly table: boolean };
}

export async function records(
  { options, json }: RecordsInput,
  terminal: Terminal,
): Promise<ExitCode> {
  const hub = await connectHub(options);
  const answer = await hub.call<{ records: readonly RecordView[] }>('GET', '/v1/records');
  if (json) terminal.out(JSON.stringify(answer));
  else
    terminal.out(
      options.table ? table(answer.records, terminal.outColumns) : snippet(answer.records),
    );
  const wanted = answer.records.some(({ state }) => state === 'missing' || state === 'other');
  return wanted ? exitCodes.waiting : exitCodes.done;
}

/** Lines of a zone file, to be pasted whole: names are absolute, and what is there already is a comment's matter. */
export function snippet(list: readonly RecordView[]): string {
  return list
    .map(({ name, type, value, state, seen, purpose }) => {
      const end = type === 'NS' || type === 'CNAME' ? '.' : '';
      return `; ${purpose}: ${said(state, seen)}\n${name}. 3600 IN ${type} ${value}${end}`;
    })
    .join('\n');
}

/** A line each where they fit the terminal, else a block each: a value that is cut can't be copied. */
function table(list: readonly RecordView[], width = Infinity): string {
  return formatTable(
    ['NAME', 'TYPE', 'STATE', 'VALUE'],
    list.map(({ name, type, state, value }) => [name, type, state, value]),
    width,
  );
}

function said(state: RecordView['state'], seen: string): string {
  switch (state) {
    case 'there':
      return 'there';
    case 'missing':
      return `MISSING (${seen})`;
    case 'not made':
      return 'not made';
    case 'other':
      return `DIFFERS (${seen})`;
    case 'not tested':
      return `not tested (${seen})`;
    default:
      return state satisfies never;
  }
}
