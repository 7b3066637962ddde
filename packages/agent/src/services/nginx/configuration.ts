import { dirname, resolve } from 'node:path';
import { matchesPath } from '../wildcard.js';
import { parseDirectives, Unparsable, type Directive } from './directive.js';

/** The whole configuration, each include in its place. */
export interface Configuration {
  /** Where relative paths begin: the directory of the main file. */
  readonly directory: string;
  readonly directives: readonly Directive[];
}

/**
 * From what `nginx -T` prints: the files that it has read, whole, one after the other and each once, the main file first.
 * An include names one of them, or by a pattern several, which are then read in the order of their names.
 */
export function parseConfiguration(dump: string): Configuration {
  const files = filesOf(dump);
  const [main = ''] = files.keys();
  const directory = dirname(main);
  const parsed = new Map<string, readonly Directive[]>();
  const read = (file: string, above: readonly string[]): readonly Directive[] => {
    if (above.includes(file)) throw new Unparsable(`${file} includes itself`);
    const directives = parsed.get(file) ?? parseDirectives(files.get(file) ?? '', file);
    parsed.set(file, directives);
    return expand(directives, [...above, file]);
  };
  const expand = (
    directives: readonly Directive[],
    above: readonly string[],
  ): readonly Directive[] =>
    directives.flatMap((directive) => {
      if (directive.name !== 'include')
        return [{ ...directive, block: expand(directive.block, above) }];
      const pattern = resolve(directory, directive.words[0] ?? '');
      return [...files.keys()]
        .filter((file) => file === pattern || matchesPath(pattern, file))
        .sort()
        .flatMap((file) => read(file, above));
    });
  return { directory, directives: read(main, []) };
}

function filesOf(dump: string): ReadonlyMap<string, string> {
  const files = new Map<string, string[]>();
  let lines: string[] = [];
  for (const line of dump.split('\n')) {
    const file = /^# configuration file (.+):$/.exec(line)?.[1];
    if (file === undefined) lines.push(line);
    else {
      lines = [];
      files.set(resolve(file), lines);
    }
  }
  return new Map(Array.from(files, ([file, text]) => [file, text.join('\n')]));
}
