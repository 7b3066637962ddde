import type { Command, Program } from './command.js';
import {
  everyOption,
  exitCodesText,
  optionSummary,
  optionWords,
  paragraphs,
  synopsis,
} from './command-help.js';
import { commandsOf } from './completion-command.js';
import { wrap } from './text-width.js';

/**
 * The manual page of a program, in the macros of man(7), from the same declarations as `--help`. One page a program, as
 * systemd's are: a page a command, as git's are, would make the page of `hub agent` that of the program hub-agent.
 */
export function manPage(
  program: Program,
  { date, seeAlso }: { readonly date: Date; readonly seeAlso: readonly string[] },
): string {
  const { name, version, summary, files = [] } = program;
  return [
    `.TH ${name.toUpperCase()} 1 ${date.toISOString().slice(0, 10)} "Sixhub ${version}" Sixhub`,
    // Neither hyphenated nor stretched: names and options stay as they are typed.
    '.nh',
    '.ad l',
    '.SH NAME',
    `${literal(name)} \\-`,
    plain(summary),
    '.SH SYNOPSIS',
    `.B ${literal(name)}`,
    'COMMAND [operands] [options]',
    '.SH COMMANDS',
    ...flatCommands(program).flatMap(([path, command]) => describe(path, command)),
    '.SH "OPTIONS OF EVERY COMMAND"',
    ...tagged([...everyOption]),
    '.SH "EXIT STATUS"',
    plain(exitCodesText),
    '.SH ENVIRONMENT',
    ...tagged([
      ['NO_COLOR', 'where set, no colour; TERM=dumb does the same, and nothing is drawn again'],
      ['COLUMNS', 'how wide tables and help may be where standard output is no terminal'],
    ]),
    ...(files.length === 0 ? [] : ['.SH FILES', ...tagged(files)]),
    ...(seeAlso.length === 0
      ? []
      : ['.SH "SEE ALSO"', seeAlso.map((other) => `${literal(other)}(1)`).join(', ')]),
    '',
  ].join('\n');
}

export function flatCommands(program: Program): readonly (readonly [path: string, Command])[] {
  return commandsOf(program).flatMap((entry) =>
    entry.kind === 'command'
      ? [[`${program.name} ${entry.name}`, entry] as const]
      : entry.commands.map(
          (inner) => [`${program.name} ${entry.name} ${inner.name}`, inner] as const,
        ),
  );
}

function describe(path: string, command: Command): readonly string[] {
  const [first = '', ...more] = [`${sentence(command.summary)}`, ...paragraphs(command)];
  return [
    `.SS "${literal(synopsis(path, command)).replaceAll('"', '\\(dq')}"`,
    plain(first),
    ...more.flatMap((text) => ['.PP', plain(text)]),
    ...tagged(command.operands.map(({ name, summary }) => [name, summary])),
    ...tagged(
      Object.entries(command.options).map(([name, option]) => [
        optionWords(name, option),
        optionSummary(option),
      ]),
    ),
    '.PP',
    command.examples.length === 1 ? 'Example:' : 'Examples:',
    ...command.examples.flatMap(({ line, does }) => [
      '.PP',
      '.RS 4',
      '.nf',
      literal(line),
      '.fi',
      '.RE',
      '.RS 8',
      plain(does),
      '.RE',
    ]),
  ];
}

function tagged(rows: readonly (readonly [string, string])[]): readonly string[] {
  return rows.flatMap(([tag, text]) => ['.TP', `.B ${literal(tag)}`, plain(text)]);
}

function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;
}

/** Text to be typed: its hyphens are ASCII's, so that it can be copied. */
function literal(text: string): string {
  return guarded(named(text)).replaceAll('-', '\\-');
}

/** Wrapped once its letters are named: mandoc counts the bytes of the source, not the columns that a reader sees. */
function plain(text: string): string {
  return guarded(wrap(named(text), 76)).replaceAll(/(?<=^|[\s(`'"])--?(?=[a-z])/gm, (dashes) =>
    dashes.replaceAll('-', '\\-'),
  );
}

/** A dot or an apostrophe that begins a line would be a request. */
function guarded(text: string): string {
  return text.replaceAll(/^(?=[.'])/gm, '\\&');
}

/** Letters beyond ASCII, and the backslash, by their names. */
function named(text: string): string {
  return text.replaceAll('\\', '\\e').replaceAll(/[^\n\x20-\x7e]/gu, (letter) => {
    const code = letter.codePointAt(0) ?? 0;
    return `\\[u${code.toString(16).toUpperCase().padStart(4, '0')}]`;
  });
}
