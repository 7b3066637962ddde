import type { Command, CommandGroup, Offered, Program, TypedSoFar } from './command.js';
import { commandsOf } from './completion-command.js';
import { directoryMark, fileMark } from './completion-script.js';

/**
 * What a shell may offer for the last of `words`, a line each: the word, a tab, and what it is. Silent where nothing is
 * known: a shell that waits for TAB is no place for an error.
 */
export async function completions(
  program: Program,
  words: readonly string[],
): Promise<readonly string[]> {
  const { before, current, split } = joinAtEqualSigns(words);
  const [first, second] = before;
  const entries = commandsOf(program);
  if (first === undefined) {
    return matching(current, [...entries.map(named), ['help', 'explain a command']]);
  }
  if (first === 'help') return completions(program, [...before.slice(1), current]);
  const entry = entries.find(({ name }) => name === first);
  if (entry === undefined) return [];
  if (entry.kind === 'command') return complete(entry, before.slice(1), current, split);
  if (second === undefined) return matching(current, entry.commands.map(named));
  const inner = entry.commands.find(({ name }) => name === second);
  return inner === undefined ? [] : complete(inner, before.slice(2), current, split);
}

type Row = readonly [word: string, about?: string];

function named({ name, summary }: Command | CommandGroup): Row {
  return [name, summary];
}

/** bash hands `--key=p2` over as three words, and replaces the last alone. */
function joinAtEqualSigns(words: readonly string[]): {
  readonly before: readonly string[];
  readonly current: string;
  readonly split: boolean;
} {
  const joined: string[] = [];
  let split = false;
  for (const [index, word] of words.entries()) {
    const previous = joined.at(-1);
    const afterSign = previous?.startsWith('--') === true && /^--[a-z-]+=$/.test(previous);
    if (previous !== undefined && (word === '=' || afterSign) && previous.startsWith('--')) {
      joined[joined.length - 1] = previous + word;
      split = index === words.length - 1;
    } else {
      joined.push(word);
    }
  }
  return { before: joined.slice(0, -1), current: joined.at(-1) ?? '', split };
}

async function complete(
  chosen: Command,
  before: readonly string[],
  current: string,
  split: boolean,
): Promise<readonly string[]> {
  const { typed, open } = readSoFar(chosen, before);
  if (open !== undefined) return offered(open, typed, current, '');
  const [, name, value] = /^--([a-z-]+)=(.*)$/.exec(current) ?? [];
  if (name !== undefined && value !== undefined) {
    return offered(offerOf(chosen, name), typed, value, split ? '' : `--${name}=`);
  }
  if (current.startsWith('-')) return matching(current, optionRows(chosen, typed));
  const last = chosen.operands.at(-1);
  const operand =
    chosen.operands[typed.operands.length] ?? (last?.many === true ? last : undefined);
  return offered(operand?.offer, typed, current, '');
}

function optionRows(chosen: Command, typed: TypedSoFar): readonly Row[] {
  const own = Object.entries(chosen.options)
    .filter(([name, { kind }]) => kind === 'texts' || typed.options[name] === undefined)
    .map(([name, { summary }]): Row => [`--${name}`, summary]);
  return [...own, ['--json', 'print for programs'], ['--help', 'explain this command']];
}

/** What was typed before, as far as it can be understood; `open` is an option that waits for its value. */
function readSoFar(
  chosen: Command,
  words: readonly string[],
): { readonly typed: TypedSoFar; readonly open: Offered | undefined } {
  const operands: string[] = [];
  const options: Record<string, string> = {};
  let waiting: string | undefined;
  for (const word of words) {
    if (waiting !== undefined) {
      options[waiting] = word;
      waiting = undefined;
      continue;
    }
    const name = optionName(chosen, word);
    if (name === undefined) {
      if (!word.startsWith('-')) operands.push(word);
    } else if (word.includes('=')) {
      options[name] = word.slice(word.indexOf('=') + 1);
    } else if (chosen.options[name]?.kind === 'flag') {
      options[name] = '';
    } else {
      waiting = name;
    }
  }
  const open = waiting === undefined ? undefined : (offerOf(chosen, waiting) ?? []);
  return { typed: { operands, options }, open };
}

function optionName(chosen: Command, word: string): string | undefined {
  const long = /^--([a-z-]+)/.exec(word)?.[1];
  if (long !== undefined) return chosen.options[long] === undefined ? undefined : long;
  const short = /^-([a-zA-Z])/.exec(word)?.[1];
  if (short === undefined) return undefined;
  return Object.entries(chosen.options).find(([, option]) => option.short === short)?.[0];
}

function offerOf(chosen: Command, name: string): Offered | undefined {
  const option = chosen.options[name];
  return option === undefined || option.kind === 'flag' ? undefined : option.offer;
}

async function offered(
  offer: Offered | undefined,
  typed: TypedSoFar,
  current: string,
  prefix: string,
): Promise<readonly string[]> {
  if (offer === undefined) return [];
  if (offer === 'file') return [fileMark];
  if (offer === 'directory') return [directoryMark];
  const known = typeof offer === 'function' ? await offer(typed).catch(() => []) : offer;
  const fresh = known.filter((word) => !typed.operands.includes(word));
  return matching(
    current,
    fresh.map((word): Row => [word]),
  ).map((word) => `${prefix}${word}`);
}

function matching(current: string, rows: readonly Row[]): readonly string[] {
  return rows
    .filter(([word]) => word.startsWith(current))
    .map(([word, about]) => (about === undefined ? word : `${word}\t${about}`));
}
