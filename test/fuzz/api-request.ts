import type { Dice } from './mutate.js';
import { mutate } from './mutate.js';

/** What /openapi.json says of a route, as far as requests are made of it. */
export interface Operation {
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly {
    readonly name: string;
    readonly in: string;
    readonly schema?: Schema;
  }[];
  readonly body: Schema | undefined;
}

interface Schema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
}

export interface FuzzRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
}

export function readOperations(document: unknown): readonly Operation[] {
  const { paths } = document as { paths: Record<string, Record<string, Described>> };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters = [], requestBody }]) => ({
      method: method.toUpperCase(),
      path,
      parameters,
      body: requestBody?.content['application/json']?.schema,
    })),
  );
}

interface Described {
  readonly parameters?: Operation['parameters'];
  readonly requestBody?: { readonly content: Readonly<Record<string, { schema?: Schema }>> };
}

const words = [
  ...[
    'example.org',
    'c00001.example',
    'web',
    'monitoring',
    '00000000-0000-4000-8000-000000000001',
    'pebble',
  ],
  ...[
    '',
    '0',
    '-1',
    '1e9',
    '99999999999999999999',
    'null',
    'true',
    '2026-01-01T00:00:00Z',
    '*.example.org',
  ],
  ...[
    '..',
    '../../etc/passwd',
    'a'.repeat(300),
    'ä.example',
    '\u0000',
    "'; DROP TABLE audit; --",
    '{}',
    '%',
  ],
  ...[
    '__proto__',
    'constructor',
    '\ud800',
    '🙂'.repeat(50),
    'localhost',
    '127.0.0.1',
    'xn--ls8h.example',
  ],
];
const methods = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS', 'PROPFIND'];
const types = [
  'application/json',
  'text/plain',
  'application/xml',
  'application/json; charset=utf-16',
  'x',
  '',
];

/** A request that is near to what the operation takes, and wrong in one thing or several. */
export function makeRequest(
  operation: Operation,
  tokens: readonly string[],
  dice: Dice,
): FuzzRequest {
  const rarely = (): boolean => dice.roll(8) === 0;
  let path = operation.path.replaceAll(/\{[^}]+\}/g, () => inPath(dice.pick(words), dice));
  const query = operation.parameters
    .filter((parameter) => parameter.in === 'query' && dice.roll(2) === 0)
    .map(({ name, schema }) => `${name}=${inPath(String(value(schema, dice, 0)), dice)}`);
  if (rarely()) query.push(`${inPath(dice.pick(words), dice)}=${inPath(dice.pick(words), dice)}`);
  if (query.length > 0) path += `?${query.join('&')}`;
  const headers: Record<string, string> = {};
  const token = dice.pick([...tokens, ...tokens, 'a'.repeat(43), 'Bearer', '']);
  if (token !== '') headers['Authorization'] = rarely() ? `Basic ${token}` : `Bearer ${token}`;
  if (rarely()) headers['Idempotency-Key'] = dice.pick(['k', 'k'.repeat(400), `k${dice.roll(20)}`]);
  if (rarely()) headers['If-None-Match'] = dice.pick(['*', '""', 'W/"x", "y"', ',,,']);
  if (rarely()) headers['Last-Event-ID'] = dice.pick(['1', '-1', 'x', '9'.repeat(30)]);
  const method = rarely() ? dice.pick(methods) : operation.method;
  const body = operation.body === undefined && !rarely() ? undefined : bodyOf(operation, dice);
  if (body !== undefined)
    headers['Content-Type'] = rarely() ? dice.pick(types) : 'application/json';
  return { method, path, headers, body };
}

function bodyOf({ body: schema }: Operation, dice: Dice): Buffer {
  switch (dice.roll(12)) {
    case 0:
      return Buffer.from('['.repeat(50_000));
    case 1:
      return Buffer.from(`{"name":${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}}`);
    case 2:
      return Buffer.alloc(300_000, 'x'); // more than is taken
    case 3:
      return Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0xc3, 0x28, 0x7d]); // no UTF-8
    case 4:
    case 5:
      return mutate(Buffer.from(JSON.stringify(value(schema, dice, 0) ?? null)), dice);
    default:
      return Buffer.from(JSON.stringify(value(schema, dice, 0) ?? null));
  }
}

/** Mostly of the schema's type. */
function value(schema: Schema | undefined, dice: Dice, depth: number): unknown {
  if (schema === undefined || depth > 4 || dice.roll(10) === 0) {
    return dice.pick<unknown>([
      ...words,
      0,
      -1,
      1e308,
      true,
      null,
      [],
      {},
      [[[]]],
      { a: { b: 1 } },
    ]);
  }
  if (schema.enum !== undefined) return dice.pick(schema.enum);
  if (schema.anyOf !== undefined) return value(dice.pick(schema.anyOf), dice, depth + 1);
  switch ([schema.type].flat()[0]) {
    case 'object': {
      const fields = Object.entries(schema.properties ?? {}).filter(() => dice.roll(6) > 0);
      return Object.fromEntries(fields.map(([name, one]) => [name, value(one, dice, depth + 1)]));
    }
    case 'array':
      return Array.from({ length: dice.pick([0, 1, 2, 101]) }, () =>
        value(schema.items, dice, depth + 1),
      );
    case 'integer':
    case 'number':
      return dice.pick([0, 1, 100, -1, 1_001, 2 ** 53, 1.5]);
    case 'boolean':
      return dice.roll(2) === 0;
    default:
      return dice.pick(words);
  }
}

/** Mostly encoded as it should be; sometimes with what no UTF-8 decoder takes. */
function inPath(text: string, dice: Dice): string {
  if (dice.roll(20) === 0) return dice.pick(['%ff', '%', '%zz', '%00', '%c3%28', '%2e%2e%2f']);
  return encodeURIComponent(text.replaceAll(/\p{Surrogate}/gu, '\ufffd'));
}
