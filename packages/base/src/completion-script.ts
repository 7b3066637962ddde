import type { Program } from './command.js';

/**
 * What a shell loads. It knows nothing of the commands: at each TAB it asks the program (`hub --complete WORD …`), so
 * that it is never older than what it completes. Neither needs the package bash-completion.
 */

/** The first word of the question; the words after it are those typed, up to the one to be completed. */
export const completeWord = '--complete';

export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

export function isShell(word: string): word is Shell {
  return shells.some((shell) => shell === word);
}

/** Where the answer is not words but a file's name, which the shell completes best by itself. */
export const fileMark = ':file';
export const directoryMark = ':directory';

export function completionScript(program: Program, shell: Shell): string {
  const names = [program.name, ...(program.alsoCalled ?? [])];
  const identifier = program.name.replaceAll(/[^a-z]/g, '_');
  return scripts[shell](program.name, identifier, names);
}

type Write = (name: string, identifier: string, names: readonly string[]) => string;

const scripts: Readonly<Record<Shell, Write>> = {
  // The process substitution keeps `read` in this shell; `=` is a word of its own to bash, which the program knows.
  bash: (name, identifier, names) => `# bash completion for ${name}
_${identifier}_complete() {
  local IFS=$'\\n' line current=\${COMP_WORDS[COMP_CWORD]}
  COMPREPLY=()
  while read -r line; do
    case $line in
      ${fileMark}) compopt -o filenames; COMPREPLY+=($(compgen -f -- "$current")) ;;
      ${directoryMark}) compopt -o filenames; COMPREPLY+=($(compgen -d -- "$current")) ;;
      *=) compopt -o nospace; COMPREPLY+=("\${line%%$'\\t'*}") ;;
      *) COMPREPLY+=("\${line%%$'\\t'*}") ;;
    esac
  done < <("\${1/#\\~/$HOME}" ${completeWord} "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _${identifier}_complete ${names.join(' ')}
`,
  // A file of this name in fpath is the function itself at its first call.
  zsh: (name, _identifier, names) => `#compdef ${names.join(' ')}
_${name}() {
  local line
  local -a found
  while IFS= read -r line; do
    case $line in
      ${fileMark}) _files; return ;;
      ${directoryMark}) _files -/; return ;;
      *$'\\t'*) found+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}") ;;
      *) found+=("\${line//:/\\\\:}") ;;
    esac
  done < <("\${(Q)words[1]}" ${completeWord} "\${(@Q)words[2,CURRENT]}" 2>/dev/null)
  _describe ${name} found
}
if [ "$funcstack[1]" = "_${name}" ]; then
  _${name} "$@"
else
  compdef _${name} ${names.join(' ')}
fi
`,
  fish: (name, identifier, names) => `# fish completion for ${name}
function __${identifier}_complete
  set -l typed (commandline -opc)
  set -l current (commandline -ct)
  set -l program $typed[1]
  set -e typed[1]
  for line in ($program ${completeWord} $typed "$current" 2>/dev/null)
    switch $line
      case '${fileMark}'
        __fish_complete_path "$current"
      case '${directoryMark}'
        __fish_complete_directories "$current" ''
      case '*'
        echo $line
    end
  end
end
${names.map((one) => `complete -c ${one} -f -a '(__${identifier}_complete)'`).join('\n')}
`,
};
