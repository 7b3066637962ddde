import { expect, test } from 'vitest';
import { parseConfig, type ConfigSchema } from './config.js';

interface Settings {
  readonly port: number;
}

/** The shape of zod's answers and reflection, as far as parseConfig looks at it. */
function schemaThat(issues: readonly object[]): ConfigSchema<Settings> & object {
  const schema = {
    shape: { port: {}, listen: {}, inner: { shape: { servers: {}, timeout: {} } } },
    safeParse: (value: unknown) =>
      issues.length === 0
        ? { success: true as const, data: value as Settings }
        : {
            success: false as const,
            error: { issues: issues as { path: PropertyKey[]; message: string }[] },
          },
  };
  return schema;
}

const text = `port = 53
lisen = ["::"]

[inner]
server = "::1"
`;

test('a good file is what the schema makes of it', () => {
  expect(parseConfig('x.toml', 'port = 53', schemaThat([]))).toEqual({ port: 53 });
});

test('an unknown key: file, line, and the nearest known key at that place', () => {
  const schema = schemaThat([
    { code: 'unrecognized_keys', path: ['inner'], keys: ['server'], message: '' },
    { code: 'unrecognized_keys', path: [], keys: ['lisen'], message: '' },
  ]);
  expect(() => parseConfig('x.toml', text, schema)).toThrow(
    expect.objectContaining({
      code: 'config-invalid',
      exit: 2,
      message: "x.toml:5: there is no setting 'inner.server'; did you mean 'servers'?",
      hint: expect.stringContaining("also line 2: there is no setting 'lisen'"),
    }),
  );
});

test('a wrong value: its line', () => {
  const schema = schemaThat([
    { code: 'invalid_type', path: ['port'], message: 'must be a number' },
  ]);
  expect(() => parseConfig('x.toml', text, schema)).toThrow('x.toml:1: port: must be a number');
});

test('what is no TOML: line and column', () => {
  expect(() => parseConfig('x.toml', 'port = 53\nport = = 1\n', schemaThat([]))).toThrow(
    expect.objectContaining({
      code: 'config-syntax',
      message: expect.stringMatching(/^x\.toml:2: .*column/),
    }),
  );
});
