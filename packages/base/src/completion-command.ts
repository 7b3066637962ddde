import { command, type Command, type CommandGroup, type Program } from './command.js';
import { usageError } from './usage-error.js';
import { completionScript, isShell, shells } from './completion-script.js';
import { exitCodes } from './error.js';

/** The program's own commands, and the one that each program has. */
export function commandsOf(program: Program): readonly (Command | CommandGroup)[] {
  return [...program.commands, completionCommand(program)];
}

function completionCommand(program: Program): Command {
  return command({
    name: 'completion',
    summary: 'print what a shell needs to complete these commands',
    description:
      'Completes commands, options and what the program knows at that moment: certificates, agents, authorities.',
    operands: [{ name: 'SHELL', summary: shells.join(', '), offer: shells }],
    options: {},
    examples: [
      {
        line: `source <(${program.name} completion bash)`,
        does: 'for this bash; in ~/.bashrc, for each that is started. The packages bring it for all',
      },
      {
        line: `source <(${program.name} completion zsh)`,
        does: 'for zsh, after compinit; in ~/.zshrc',
      },
      {
        line: `${program.name} completion fish | source`,
        does: 'for fish; in ~/.config/fish/config.fish',
      },
    ],
    run: async ({ operands: [shell = ''], json }, terminal) => {
      if (!isShell(shell)) {
        throw usageError(`'${shell}' is no shell that is known`, `Known: ${shells.join(', ')}.`);
      }
      const script = completionScript(program, shell);
      terminal.out(json ? JSON.stringify({ shell, script }) : script.trimEnd());
      return exitCodes.done;
    },
  });
}
