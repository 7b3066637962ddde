/** A directive as mod_info prints it: variables, conditions, macros and includes are already resolved. */
export interface Directive {
  /** Lower case. */
  readonly name: string;
  readonly words: readonly string[];
  /** `file:line`. */
  readonly where: string;
}

export interface ConfigDump {
  readonly main: readonly Directive[];
  /** By the `file:line` of the <VirtualHost>. */
  readonly servers: ReadonlyMap<string, readonly Directive[]>;
}

/** The dump of `-D DUMP_CONFIG`: comments name file and line of what follows, sections are indented and closed. */
export function parseConfigDump(lines: readonly string[]): ConfigDump {
  const main: Directive[] = [];
  const servers = new Map<string, Directive[]>();
  const open: { readonly name: string; readonly into: Directive[] }[] = [];
  let file = '';
  let line = '';
  for (const raw of lines) {
    const text = raw.trim();
    const where = `${file}:${line}`;
    if (text.startsWith('# In file: ')) file = text.slice(11);
    else if (/^# +\d+:$/.test(text)) line = text.slice(1, -1).trim();
    else if (text.startsWith('</')) open.pop();
    else {
      const directive = directiveOf(text, where);
      const into = open.at(-1)?.into ?? main;
      // What stands in a <Directory> or <Location> is not the server's, but that one stands there is.
      if (open.every(({ name }) => name === '<virtualhost')) into.push(directive);
      if (!text.startsWith('<')) continue;
      const inside = directive.name === '<virtualhost' ? [] : into;
      if (directive.name === '<virtualhost') servers.set(where, inside);
      open.push({ name: directive.name, into: inside });
    }
  }
  return { main, servers };
}

function directiveOf(text: string, where: string): Directive {
  const inside = text.startsWith('<') && text.endsWith('>') ? text.slice(0, -1) : text;
  const [name = '', ...words] = wordsOf(inside);
  return { name: name.toLowerCase(), words, where };
}

/** Words as ap_getword_conf takes them: quoted with either quote, which a backslash keeps from ending the word. */
function wordsOf(text: string): readonly string[] {
  const words: string[] = [];
  for (const [word, doubly, singly] of text.matchAll(
    /"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|[^\s]+/g,
  )) {
    words.push((doubly ?? singly)?.replace(/\\(["'\\])/g, '$1') ?? word);
  }
  return words;
}
