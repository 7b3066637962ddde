import { parseArgs, type ParseArgsConfig } from 'node:util';
import type {
  Command,
  CommandGroup,
  CommandInput,
  Option,
  OptionValue,
  Program,
  Terminal,
} from './command.js';
import { parseDuration } from './duration.js';
import { errorText, exitCodes, SixhubError, type ExitCode } from './error.js';
import { painter } from './colour.js';
import { commandHelp, groupHelp, programHelp } from './command-help.js';
import { commandsOf } from './completion-command.js';
import { completeWord } from './completion-script.js';
import { completions } from './completion.js';
import { nearest } from './nearest.js';
import { wrap } from './text-width.js';
import { usageError } from './usage-error.js';

/** Runs one command line and returns the exit code; prints every error as a fact and a next step, never a stack. */
export async function runCommandLine(
  program: Program,
  words: readonly string[],
  terminal: Terminal,
): Promise<ExitCode> {
  try {
    return await dispatch(program, words, terminal);
  } catch (error) {
    return printError(program, error, words.includes('--json'), terminal);
  }
}

async function dispatch(
  program: Program,
  words: readonly string[],
  terminal: Terminal,
): Promise<ExitCode> {
  const [first, second] = words;
  if (first === 'help' && second !== undefined) {
    return dispatch(program, [...words.slice(1), '--help'], terminal);
  }
  if (first === undefined || first === '--help' || first === '-h' || first === 'help') {
    terminal.out(programHelp(program, terminal.columns));
    return exitCodes.done;
  }
  if (first === completeWord) {
    for (const line of await completions(program, words.slice(1))) terminal.out(line);
    return exitCodes.done;
  }
  if (first === '--version' || first === '-V') {
    terminal.out(`${program.name} ${program.version}`);
    return exitCodes.done;
  }
  const entry = find(program.name, commandsOf(program), first);
  if (entry.kind === 'command')
    return runOne(`${program.name} ${first}`, entry, words.slice(1), terminal);
  if (second === undefined || second === '--help' || second === '-h') {
    terminal.out(groupHelp(program, entry, terminal.columns));
    return exitCodes.done;
  }
  const chosen = find(`${program.name} ${first}`, entry.commands, second);
  return runOne(`${program.name} ${first} ${second}`, chosen, words.slice(2), terminal);
}

function find<T extends Command | CommandGroup>(
  before: string,
  entries: readonly T[],
  word: string,
): T {
  const found = entries.find((entry) => entry.name === word);
  if (found !== undefined) return found;
  const names = entries.map((entry) => entry.name);
  const meant = nearest(word, names);
  throw usageError(
    `${before} has no command '${word}'`,
    meant === undefined ? `It has: ${names.join(', ')}.` : `Did you mean '${before} ${meant}'?`,
  );
}

async function runOne(
  path: string,
  chosen: Command,
  words: readonly string[],
  terminal: Terminal,
): Promise<ExitCode> {
  if (words.includes('--help') || words.includes('-h')) {
    terminal.out(commandHelp(path, chosen, terminal.columns));
    return exitCodes.done;
  }
  return chosen.run(parseWords(path, chosen, words), terminal);
}

function parseWords(path: string, chosen: Command, words: readonly string[]): CommandInput {
  const declared = Object.entries(chosen.options);
  const config: NonNullable<ParseArgsConfig['options']> = { json: { type: 'boolean' } };
  for (const [name, option] of declared) {
    config[name] = {
      type: option.kind === 'flag' ? 'boolean' : 'string',
      ...(option.kind === 'texts' ? { multiple: true } : {}),
      ...(option.short === undefined ? {} : { short: option.short }),
    };
  }
  const { values, positionals } = parseOrExplain(path, words, config);
  checkOperands(path, chosen, positionals);
  const options: Record<string, OptionValue> = {};
  for (const [name, option] of declared) options[name] = readOption(name, option, values[name]);
  return { operands: positionals, options, json: values['json'] === true };
}

function parseOrExplain(
  path: string,
  words: readonly string[],
  options: NonNullable<ParseArgsConfig['options']>,
): { values: Record<string, unknown>; positionals: string[] } {
  try {
    return parseArgs({ args: [...words], options, allowPositionals: true, strict: true });
  } catch (error) {
    const unknown = /Unknown option '-*([^']+)'/.exec(errorText(error))?.[1];
    const meant = unknown === undefined ? undefined : nearest(unknown, Object.keys(options));
    throw usageError(
      `${path}: ${unknown === undefined ? errorText(error).split('. ')[0] : `there is no option --${unknown}`}`,
      `${meant === undefined ? '' : `Did you mean --${meant}? `}See '${path} --help'.`,
    );
  }
}

function checkOperands(path: string, chosen: Command, given: readonly string[]): void {
  const missing = chosen.operands.find(
    (operand, index) => operand.optional !== true && given[index] === undefined,
  );
  if (missing !== undefined) {
    throw usageError(
      `${path}: ${missing.name} is missing (${missing.summary})`,
      `For example: ${chosen.examples[0]?.line ?? `${path} --help`}`,
    );
  }
  const takesMany = chosen.operands.some((operand) => operand.many === true);
  const extra = given[chosen.operands.length];
  if (extra !== undefined && !takesMany) {
    throw usageError(`${path}: '${extra}' is one word too many`, `See '${path} --help'.`);
  }
}

function readOption(name: string, option: Option, given: unknown): OptionValue {
  switch (option.kind) {
    case 'flag':
      return given === true;
    case 'texts':
      return Array.isArray(given) ? given.map(String) : [];
    case 'text':
    case 'duration':
    case 'count':
      return readText(name, option.kind, typeof given === 'string' ? given : option.default);
    default:
      return option satisfies never;
  }
}

function readText(
  name: string,
  kind: 'text' | 'duration' | 'count',
  text: string | undefined,
): string | number | undefined {
  if (text === undefined || kind === 'text') return text;
  if (kind === 'count') {
    const count = /^\d{1,15}$/.test(text) ? Number(text) : 0;
    if (count >= 1) return count;
    throw usageError(`--${name}: '${text}' is not a count`, 'Write a whole number, 1 or more.');
  }
  const milliseconds = parseDuration(text);
  if (milliseconds !== undefined) return milliseconds;
  throw usageError(`--${name}: '${text}' is not a time`, 'Write it like 90s, 10m or 1h30m.');
}

function printError(program: Program, error: unknown, json: boolean, terminal: Terminal): ExitCode {
  const told =
    error instanceof SixhubError
      ? error
      : new SixhubError({
          code: 'internal',
          fact: `${program.name} met an error that it does not know: ${errorText(error)}`,
          hint: 'This is a defect of the program. Please report this line and what you did.',
        });
  if (json) {
    terminal.out(JSON.stringify({ error: { code: told.code, fact: told.fact, hint: told.hint } }));
  } else {
    terminal.err(errorMessage(told, terminal));
  }
  return told.exit;
}

/** `error: ` and the fact, and below it what to do, as wide as a terminal is; in a log, lines are as they are. */
export function errorMessage(
  { fact, hint }: { readonly fact: string; readonly hint: string },
  { errColumns = Infinity, colour }: Pick<Terminal, 'errColumns' | 'colour'>,
): string {
  const paint = painter(colour?.err === true);
  return [
    wrap(`${paint('red', 'error:')} ${fact}`, errColumns, 2),
    wrap(hint.replaceAll(/^/gm, '  '), errColumns),
  ].join('\n');
}
