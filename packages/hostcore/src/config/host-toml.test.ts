import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { hostTomlSchema } from './host-toml.js';

/** Every key with its table: `uplink.device`. */
function* keys(schema: unknown, table = ''): Generator<string> {
  const part = (of: unknown, name: string): unknown =>
    typeof of === 'object' && of !== null ? Reflect.get(of, name) : undefined;
  for (const inner of [part(schema, 'items'), part(schema, 'additionalProperties')]) {
    if (typeof inner === 'object') yield* keys(inner, table);
  }
  const properties = part(schema, 'properties');
  if (typeof properties !== 'object' || properties === null) return;
  for (const [key, value] of Object.entries(properties)) {
    expect(part(value, 'description'), key).toBeTypeOf('string');
    yield `${table}${key}`;
    yield* keys(value, `${key}.`);
  }
}

test('each key is described, for editors and in docs/host.toml.md', async () => {
  const page = await readFile(new URL('../../../../docs/host.toml.md', import.meta.url), 'utf8');
  const all = [...keys(hostTomlSchema())];
  expect(all.length).toBeGreaterThan(50);
  const missing = all.filter((key) => {
    const [table = '', own] = key.includes('.') ? key.split('.') : ['', key];
    const isTable = page.includes(`host.NAME.${own}`) || key === 'host';
    const part = page
      .split(/^### /m)
      .find((one) =>
        one.includes(table === 'host' || table === '' ? 'host.NAME\n' : `host.NAME.${table}`),
      );
    return !isTable && part?.includes(`\`${own}\``) !== true;
  });
  expect(missing).toEqual([]);
});
