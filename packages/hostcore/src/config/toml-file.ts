import { SixhubError } from '@sixhub/base';
import { readConfig } from '@sixhub/base/config';
import { entry } from './entry.js';
import { explainLine, isHeader, isOpenHeader } from './toml-line.js';

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
 * A line that the parser refuses is told, mended where it is plain what was meant, else blanked, and the rest read all the
 * same. With a header goes all that is below it, since it would else be taken for a part of the table before.
 */
export function readTomlFile(file: string, text: string): TomlFile {
  const lines = text.replace(/^\uFEFF/, '').split('\n');
  const faults: TomlFault[] = [];
  const lost: (readonly string[])[] = [];
  for (;;) {
    const result = attempt(file, lines.join('\n'));
    const [first] = faults;
    if (result.kind === 'read') {
      const { value, lineOf } = result;
      // YAML, say, of which a few lines were mended into something.
      const isNothing =
        first !== undefined && (Object.keys(Object(value)).length === 0 || !text.includes('='));
      if (!isNothing) return { value, lineOf: placesIn(value, lineOf), faults, lost };
      return { value: undefined, lineOf: () => 1, faults: [hardlyToml(first)], lost };
    }
    const line = culprit(lines, result.line);
    const own = lines[line - 1] ?? '';
    const isKnown = faults.some((one) => one.line === line);
    const { fault, remedy, mended } = explainLine(own, result.message);
    if (!isKnown) faults.push({ line, text: fault, remedy });
    const isHopeless = faults.length > most;
    if (own.trim() === '' || isHopeless) {
      const told = isHopeless && first !== undefined ? [hardlyToml(first)] : faults;
      return { value: undefined, lineOf: () => 1, faults: told, lost };
    }
    if (mended !== undefined && !isKnown) {
      lines[line - 1] = mended;
    } else {
      lost.push([...(isHeader(own) ? [] : headerAbove(lines, line)), ...wordsOf(own)]);
      blank(lines, line);
    }
  }
}

/** An open header is found out on the line after it. */
function culprit(lines: readonly string[], line: number): number {
  const before = lines.slice(0, line - 1).findLastIndex((one) => one.trim() !== '');
  return isOpenHeader(lines[before] ?? '') ? before + 1 : line;
}

type Attempt =
  | { readonly kind: 'read'; readonly value: unknown; readonly lineOf: TomlFile['lineOf'] }
  | { readonly kind: 'refused'; readonly line: number; readonly message: string };

function attempt(file: string, text: string): Attempt {
  try {
    // A line before the first, so that the place of what is not there, which is the first, is nothing else's.
    const reading = readConfig<unknown>(file, `\n${text}`, {
      safeParse: (value) => ({ success: true, data: value }),
    });
    const value = reading.kind === 'read' ? reading.data : undefined;
    return { kind: 'read', value, lineOf: (path) => reading.lineOf(path) - 1 };
  } catch (error) {
    if (!(error instanceof SixhubError) || error.code !== 'config-syntax') throw error;
    const found = /^:(\d+): (.*)$/s.exec(error.fact.slice(file.length));
    return {
      kind: 'refused',
      line: Number(found?.[1] ?? 2) - 1,
      message: found?.[2] ?? error.fact,
    };
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
  return (path) => Math.max(1, place(path));
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
