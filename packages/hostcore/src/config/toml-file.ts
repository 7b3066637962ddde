import { SixhubError } from '@sixhub/base';
import { readConfig } from '@sixhub/base/config';
import { entry } from './entry.js';

/** A file that may be wrong already as TOML: what can be read of it, and each line that can't be. */
export interface TomlFile {
  readonly value: unknown;
  readonly lineOf: (path: readonly PropertyKey[]) => number;
  readonly faults: readonly TomlFault[];
  /** Keys that stand in lines that could not be read, as far as they are recognizable. */
  readonly lost: readonly (readonly string[])[];
}

export interface TomlFault {
  readonly line: number;
  readonly text: string;
  readonly remedy: string;
}

/** More than these, and it is hardly TOML. */
const most = 12;

/**
 * A line that the parser refuses is told, blanked, and the rest read all the same. With a header goes all that is below it,
 * since it would else be taken for a part of the table before.
 */
export function readTomlFile(file: string, text: string): TomlFile {
  const lines = text.replace(/^\uFEFF/, '').split('\n');
  const faults: TomlFault[] = [];
  const lost: (readonly string[])[] = [];
  for (;;) {
    const result = attempt(file, lines.join('\n'));
    if (result.kind === 'read') {
      const { value, lineOf } = result;
      const [first] = faults;
      const isNothing = first !== undefined && Object.keys(Object(value)).length === 0;
      if (!isNothing) return { value, lineOf: placesIn(value, lineOf), faults, lost };
      return { value: undefined, lineOf, faults: [hardlyToml(first)], lost };
    }
    const { line, message } = result;
    const own = lines[line - 1] ?? '';
    faults.push({ line, ...explain(own, message) });
    const isNew = own.trim() !== '';
    if (!isNew || faults.length > most) {
      const [first] = faults;
      const hopeless = first === undefined || !isNew ? faults : [hardlyToml(first)];
      return { value: undefined, lineOf: () => 1, faults: hopeless, lost };
    }
    lost.push([...(isHeader(own) ? [] : headerAbove(lines, line)), ...wordsOf(own)]);
    blank(lines, line);
  }
}

type Attempt =
  | { readonly kind: 'read'; readonly value: unknown; readonly lineOf: TomlFile['lineOf'] }
  | { readonly kind: 'refused'; readonly line: number; readonly message: string };

function attempt(file: string, text: string): Attempt {
  try {
    const reading = readConfig<unknown>(file, text, {
      safeParse: (value) => ({ success: true, data: value }),
    });
    const value = reading.kind === 'read' ? reading.data : undefined;
    return { kind: 'read', value, lineOf: reading.lineOf };
  } catch (error) {
    if (!(error instanceof SixhubError) || error.code !== 'config-syntax') throw error;
    const found = /^:(\d+): (.*)$/s.exec(error.fact.slice(file.length));
    return { kind: 'refused', line: Number(found?.[1] ?? 1), message: found?.[2] ?? error.fact };
  }
}

/** A table that has no header of its own stands where the first of what is in it does: `[vm.hub]` for `vm`. */
function placesIn(value: unknown, lineOf: TomlFile['lineOf']): TomlFile['lineOf'] {
  const place = (path: readonly PropertyKey[]): number => {
    const own = lineOf(path);
    if (path.length === 0 || own !== lineOf(path.slice(0, -1))) return own;
    const inner = entry(value, path);
    if (typeof inner !== 'object' || inner === null) return own;
    const key = Array.isArray(inner) ? 0 : Object.keys(inner)[0];
    return key === undefined ? own : place([...path, key]);
  };
  return place;
}

function isHeader(line: string): boolean {
  return /^\s*\[/.test(line);
}

function blank(lines: string[], line: number): void {
  const header = isHeader(lines[line - 1] ?? '');
  lines[line - 1] = '';
  for (let index = line; header && index < lines.length; index++) {
    if (isHeader(lines[index] ?? '')) break;
    lines[index] = '';
  }
}

function headerAbove(lines: readonly string[], line: number): readonly string[] {
  return wordsOf(lines.slice(0, line - 1).findLast(isHeader) ?? '');
}

/** `[host.merlin.vm.hub]`, or what stands before `=` or `:`. */
function wordsOf(line: string): readonly string[] {
  const key = /^\s*\[*([^\]=:]*)/.exec(line)?.[1]?.trim() ?? '';
  return key.split('.').map((word) => word.trim().replaceAll(/^["']|["']$/g, ''));
}

function hardlyToml({ line, text }: TomlFault): TomlFault {
  return {
    line,
    text: `${text}, and so on: this is hardly TOML`,
    remedy:
      'host.toml has lines key = "value" below headers like [host.merlin.uplink]. `hostcore init` writes one; docs/host.toml.md shows one.',
  };
}

/** The parser's words name a column; what was meant is mostly plain from the line. */
function explain(line: string, message: string): { text: string; remedy: string } {
  const shown = line.trim();
  const refused = (text: string, remedy: string) => ({ text: `'${shown}': ${text}`, remedy });
  if (/multiple times/.test(message)) {
    return isHeader(line)
      ? refused(
          'this table is there already',
          'Put its keys below the first header, and take this one away.',
        )
      : refused('this key is there already in its table', 'Keep one of the two.');
  }
  if (/[“”„‘’]/.test(line)) {
    return refused('typographic quotes', `Write: ${shown.replaceAll(/[“”„‘’]/g, '"')}`);
  }
  const [, key = '', mark = '', rest = ''] = /^([\w.-]+)\s*([=:])\s*(.*)$/.exec(shown) ?? [];
  const bare = rest.replaceAll(/^["']|["']$/g, '').replace(/\s+#.*$/, '');
  const value = /^(true|false|\d+|\[.*\]|\{.*\})$/.test(bare) ? bare : `"${bare}"`;
  if (mark === ':' && bare !== '')
    return refused('a colon in place of =', `Write: ${key} = ${value}`);
  if (mark === '=' && bare === '')
    return refused('nothing stands behind =', 'Write the value, or take the line away.');
  if (mark === '=' && /^[^\s"'[{][^"']*$/.test(rest)) {
    return refused('a text stands in quotes', `Write: ${key} = "${bare}"`);
  }
  if (mark === '=' && (rest.match(/(?<!\\)"/g) ?? []).length % 2 === 1) {
    return refused('a quote is not closed', `Write: ${key} = ${value}`);
  }
  if (isHeader(line) && !/\]\s*(#.*)?$/.test(line)) {
    return refused('the header is not closed', `Write: ${shown}]`);
  }
  return refused(
    `no TOML: ${message.charAt(0).toLowerCase()}${message.slice(1)}`,
    'Write key = "value", below a header like [host.merlin.uplink]; # begins a comment.',
  );
}
