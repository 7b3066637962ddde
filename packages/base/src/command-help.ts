import type { Command, CommandGroup, Option, Program } from './command.js';

/** The texts of `--help`, made from the declarations alone. */

export function programHelp(program: Program): string {
  const rows = program.commands.map((entry) => [
    entry.kind === 'group' ? `${entry.name} …` : entry.name,
    entry.summary,
  ]);
  return [
    `${program.name}: ${program.summary}`,
    '',
    'Commands',
    ...columns(rows),
    '',
    `${program.name} COMMAND --help explains one, with an example. All take --json.`,
    'Exit codes: 0 done, 1 failed, 2 usage or configuration, 3 waiting for a person, 4 cannot reach.',
  ].join('\n');
}

export function groupHelp(program: Program, group: CommandGroup): string {
  const path = `${program.name} ${group.name}`;
  return [
    `${path}: ${group.summary}`,
    '',
    ...columns(group.commands.map((entry) => [`${path} ${entry.name}`, entry.summary])),
  ].join('\n');
}

export function commandHelp(path: string, command: Command): string {
  const operands = command.operands.map((operand) => {
    const word = operand.many === true ? `${operand.name} …` : operand.name;
    return operand.optional === true ? `[${word}]` : word;
  });
  const rows = Object.entries(command.options).map(([name, option]) => [
    optionWords(name, option),
    optionSummary(option),
  ]);
  return [
    `${path} ${[...operands, '[options]'].join(' ')}`,
    '',
    command.summary,
    ...(command.description === undefined ? [] : ['', command.description]),
    ...(command.operands.length === 0 ? [] : ['']),
    ...columns(command.operands.map((operand) => [operand.name, operand.summary])),
    '',
    'Options',
    ...columns([
      ...rows,
      ['--json', 'print for programs: one document, or one line an event'],
      ['-h, --help', 'this text'],
    ]),
    '',
    'Examples',
    ...command.examples.flatMap((example) => [`  ${example.line}`, `      ${example.does}`]),
  ].join('\n');
}

function optionWords(name: string, option: Option): string {
  const short = option.short === undefined ? '' : `-${option.short}, `;
  return `${short}--${name}${option.kind === 'flag' ? '' : ` ${option.value}`}`;
}

function optionSummary(option: Option): string {
  if (option.kind === 'texts') return `${option.summary} (may be repeated)`;
  if (option.kind === 'flag' || option.default === undefined) return option.summary;
  return `${option.summary} (default ${option.default})`;
}

function columns(rows: readonly (readonly string[])[]): string[] {
  const width = Math.max(0, ...rows.map(([left]) => left?.length ?? 0));
  return rows.map(([left, right]) => `  ${(left ?? '').padEnd(width)}  ${right ?? ''}`.trimEnd());
}
