import type { Command, CommandGroup, Option, Program } from './command.js';
import { commandsOf } from './completion-command.js';
import { padEnd, textWidth, wrap } from './text-width.js';

/** The texts of `--help`, made from the declarations alone, for a terminal of `width` columns. */

export const exitCodesText =
  'Exit codes: 0 done, 1 failed, 2 usage or configuration, 3 waiting for a person, 4 cannot reach.';

export function programHelp(program: Program, width = 80): string {
  const rows = commandsOf(program).map((entry) => [
    entry.kind === 'group' ? `${entry.name} …` : entry.name,
    entry.summary,
  ]);
  return [
    wrap(`${program.name}: ${program.summary}`, width, 2),
    '',
    'Commands',
    ...columns(rows, width),
    '',
    wrap(
      `\`${program.name} COMMAND --help\` explains one, with an example. All take --json.`,
      width,
    ),
    wrap(exitCodesText, width, 2),
  ].join('\n');
}

export function groupHelp(program: Program, group: CommandGroup, width = 80): string {
  const path = `${program.name} ${group.name}`;
  return [
    wrap(`${path}: ${group.summary}`, width, 2),
    '',
    ...columns(
      group.commands.map((entry) => [`${path} ${entry.name}`, entry.summary]),
      width,
    ),
    '',
    wrap(`\`${path} COMMAND --help\` explains one, with an example.`, width),
  ].join('\n');
}

export function commandHelp(path: string, command: Command, width = 80): string {
  const rows = Object.entries(command.options).map(([name, option]) => [
    optionWords(name, option),
    optionSummary(option),
  ]);
  return [
    wrap(synopsis(path, command), width, 4),
    '',
    wrap(command.summary, width),
    ...paragraphs(command).flatMap((text) => ['', wrap(text, width)]),
    ...(command.operands.length === 0 ? [] : ['']),
    ...columns(
      command.operands.map((operand) => [operand.name, operand.summary]),
      width,
    ),
    '',
    'Options',
    ...columns([...rows, ...everyOption], width),
    '',
    'Examples',
    ...command.examples.flatMap(({ line, does }) => [
      continued(`  ${line}`, width),
      wrap(does, width - 6).replaceAll(/^/gm, '      '),
    ]),
  ].join('\n');
}

/** What each command takes, beside its own. */
export const everyOption: readonly (readonly [string, string])[] = [
  ['--json', 'print for programs: one document, or one line an event'],
  ['-h, --help', 'this text'],
];

export function synopsis(path: string, command: Command): string {
  const operands = command.operands.map((operand) => {
    const word = operand.many === true ? `${operand.name} …` : operand.name;
    return operand.optional === true ? `[${word}]` : word;
  });
  return `${path} ${[...operands, '[options]'].join(' ')}`;
}

/** A description's paragraphs, each as one line. */
export function paragraphs(command: Command): readonly string[] {
  return (command.description ?? '')
    .split(/\n{2,}/)
    .map((text) => text.replaceAll('\n', ' '))
    .filter((text) => text !== '');
}

export function optionWords(name: string, option: Option): string {
  const short = option.short === undefined ? '' : `-${option.short}, `;
  return `${short}--${name}${option.kind === 'flag' ? '' : ` ${option.value}`}`;
}

export function optionSummary(option: Option): string {
  if (option.kind === 'texts') return `${option.summary} (may be repeated)`;
  if (option.kind === 'flag' || option.default === undefined) return option.summary;
  return `${option.summary} (default ${option.default})`;
}

/** Two columns; on a terminal that is too narrow for them, the second below the first. */
function columns(rows: readonly (readonly string[])[], width: number): string[] {
  const left = Math.max(0, ...rows.map(([first]) => textWidth(first ?? '')));
  const room = width - left - 4;
  return rows.flatMap(([first = '', second = '']) => {
    if (room < 24) return [`  ${first}`, wrap(second, width - 6).replaceAll(/^/gm, '      ')];
    const [start = '', ...more] = wrap(second, room).split('\n');
    return [
      `  ${padEnd(first, left)}  ${start}`.trimEnd(),
      ...more.map((line) => `${' '.repeat(left + 4)}${line}`),
    ];
  });
}

/** A command that is too long goes on in the next line as a shell takes it: it can be copied. */
function continued(line: string, width: number): string {
  if (textWidth(line) <= width) return line;
  const parts = line.split(/ (?=--?[a-z])/);
  return parts.join(' \\\n      ');
}
