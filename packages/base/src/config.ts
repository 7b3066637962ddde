import { getStaticTOMLValue, ParseError, parseTOML, type AST } from 'toml-eslint-parser';
import { exitCodes, SixhubError } from './error.js';
import { nearest } from './nearest.js';

/**
 * Configuration files: TOML 1.0, every key known, every complaint with file, line and a next step.
 * The schema is any object with zod's `safeParse` and its reflection, so that this floor needs no zod.
 */
export interface ConfigSchema<T> {
  safeParse(
    value: unknown,
  ):
    | { readonly success: true; readonly data: T }
    | { readonly success: false; readonly error: { readonly issues: readonly ConfigIssue[] } };
}

export interface ConfigIssue {
  readonly code?: string | undefined;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  /** With `unrecognized_keys`: which. */
  readonly keys?: readonly string[];
}

/** What zod's schemas tell about themselves is looked up by name (`part`): their types differ from kind to kind. */
export type SchemaNode = object;

export function parseConfig<T>(file: string, text: string, schema: ConfigSchema<T>): T {
  const read = readConfig(file, text, schema);
  if (read.kind === 'read') return read.data;
  throw configError(file, read.complaints);
}

/** What was wrong where; `line` is of the longest part of the path that the file really has. */
export interface ConfigComplaint {
  readonly line: number;
  readonly text: string;
}

export type ConfigReading<T> = { readonly lineOf: (path: readonly PropertyKey[]) => number } & (
  | { readonly kind: 'read'; readonly data: T }
  | { readonly kind: 'refused'; readonly complaints: readonly ConfigComplaint[] }
);

/** As `parseConfig`, for who has more to say of the same file and tells everything at once. */
export function readConfig<T>(
  file: string,
  text: string,
  schema: ConfigSchema<T>,
): ConfigReading<T> {
  const document = parseDocument(file, text);
  const places = (path: readonly PropertyKey[]): number => lineOf(document, path);
  const parsed = schema.safeParse(getStaticTOMLValue(document));
  if (parsed.success) return { kind: 'read', data: parsed.data, lineOf: places };
  const complaints = parsed.error.issues.flatMap((issue) => complain(document, schema, issue));
  return { kind: 'refused', complaints, lineOf: places };
}

/** All complaints as one error: the first is the fact, the others stand in the hint. */
export function configError(file: string, complaints: readonly ConfigComplaint[]): SixhubError {
  const [first, ...more] = complaints;
  return new SixhubError({
    code: 'config-invalid',
    fact: `${file}:${first?.line ?? 1}: ${first?.text ?? 'is not valid'}`,
    hint: [
      ...more.map((other) => `also line ${other.line}: ${other.text}`),
      'Correct the file and start again.',
    ].join('\n'),
    exit: exitCodes.usage,
  });
}

function parseDocument(file: string, text: string): AST.TOMLProgram {
  try {
    return parseTOML(text, { tomlVersion: '1.0' });
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    throw new SixhubError({
      code: 'config-syntax',
      fact: `${file}:${error.lineNumber}: ${error.message} (column ${error.column + 1})`,
      hint: 'The file is TOML: key = "value" lines below [section] headers. Correct this line.',
      exit: exitCodes.usage,
    });
  }
}

function complain(
  document: AST.TOMLProgram,
  schema: SchemaNode,
  issue: ConfigIssue,
): readonly ConfigComplaint[] {
  if (issue.code !== 'unrecognized_keys' || issue.keys === undefined) {
    const line = lineOf(document, issue.path);
    return [{ line, text: `${issue.path.map(String).join('.') || 'the file'}: ${issue.message}` }];
  }
  const known = keysAt(schema, issue.path);
  return issue.keys.map((key) => {
    const meant = nearest(key, known);
    const path = [...issue.path, key];
    return {
      line: lineOf(document, path),
      text:
        `there is no setting '${path.map(String).join('.')}'` +
        (meant === undefined ? `; known here: ${known.join(', ')}` : `; did you mean '${meant}'?`),
    };
  });
}

function keysAt(schema: SchemaNode, path: readonly PropertyKey[]): readonly string[] {
  let node = unwrap(schema);
  for (const step of path) {
    node = unwrap(
      typeof step === 'number'
        ? part(node, 'element')
        : (part(part(node, 'shape'), String(step)) ?? part(node, 'valueType')),
    );
  }
  return Object.keys(part(node, 'shape') ?? {});
}

/** `.optional()` and `.default()` wrap the schema that has the keys; `.transform()` stands behind it. */
function unwrap(schema: object | undefined): object | undefined {
  let node = schema;
  while (part(node, 'shape') === undefined) {
    const inner = part(part(node, 'def'), 'innerType') ?? part(part(node, 'def'), 'in');
    if (inner === undefined) break;
    node = inner;
  }
  return node;
}

function part(node: object | undefined, name: string): object | undefined {
  const value: unknown = node !== undefined && name in node ? Reflect.get(node, name) : undefined;
  return typeof value === 'object' && value !== null ? value : undefined;
}

/** The line of the longest part of `path` that the file really has. */
function lineOf(document: AST.TOMLProgram, path: readonly PropertyKey[]): number {
  const wanted = path.map(String);
  let line = 1;
  let depth = 0;
  const visit = (resolved: readonly (string | number)[], node: AST.TOMLNode): void => {
    const own = resolved.map(String);
    const fits = own.every((key, index) => wanted[index] === key);
    if (fits && own.length > depth) {
      depth = own.length;
      line = node.loc.start.line;
    }
  };
  for (const entry of document.body[0].body) {
    if (entry.type === 'TOMLTable') {
      visit(entry.resolvedKey, entry);
      for (const pair of entry.body) visitPair(entry.resolvedKey, pair, visit);
    } else {
      visitPair([], entry, visit);
    }
  }
  return line;
}

function visitPair(
  prefix: readonly (string | number)[],
  pair: AST.TOMLKeyValue,
  visit: (path: readonly (string | number)[], node: AST.TOMLNode) => void,
): void {
  const names = pair.key.keys.map((key) => (key.type === 'TOMLBare' ? key.name : key.value));
  for (let count = 1; count <= names.length; count++) {
    visit([...prefix, ...names.slice(0, count)], pair);
  }
  const path = [...prefix, ...names];
  if (pair.value.type === 'TOMLInlineTable') {
    for (const inner of pair.value.body) visitPair(path, inner, visit);
  } else if (pair.value.type === 'TOMLArray') {
    pair.value.elements.forEach((element, index) => visit([...path, index], element));
  }
}
