import { expect, test } from 'vitest';
import { examples, keyOf, keysOf } from './examples.js';
import { hostTomlSchema } from './host-toml.js';
import { readEstate } from './read-estate.js';

test('there is an example for each key, and each is taken', () => {
  const known: string[] = [];
  const visit = (schema: unknown, path: readonly string[]): void => {
    const of = (key: string): unknown => Reflect.get(Object(schema), key);
    for (const [key, inner] of Object.entries(Object(of('properties')))) {
      known.push([...path, key].join('.'));
      visit(inner, [...path, key]);
    }
    const named = of('additionalProperties');
    if (typeof named === 'object') {
      known.push([...path, '*'].join('.'));
      visit(named, [...path, '*']);
    }
    if (of('items') !== undefined) visit(of('items'), path);
  };
  const host = Reflect.get(Object(Reflect.get(Object(hostTomlSchema()), 'properties')), 'host');
  visit(Reflect.get(Object(host), 'additionalProperties'), []);
  expect(Object.keys(examples).toSorted()).toEqual(known.toSorted());
  const least = {
    'uplink.device': '"eno1"',
    release: '"debian12"',
    'ipv6.network': '"2a01:4f8:1:3::/64"',
  };
  for (const [key, value] of Object.entries(examples)) {
    const table = { ...least, ...(/^(uplink|ipv6)$/.test(key) ? {} : { [key]: value }) };
    if (key.startsWith('route') || /^(dns64|relay)/.test(key) || key === 'uplink' || key === 'ipv6')
      continue;
    const text = Object.entries(table).map(([one, is]) => `${one.replace('*', 'web')} = ${is}`);
    const wrong = readEstate('host.toml', ['[host.merlin]', ...text].join('\n'))
      .complaints.map((one) => one.text)
      .filter((one) => / is no(ne of)? /.test(one));
    expect([key, wrong]).toEqual([key, []]);
  }
  expect(keyOf(['host', 'merlin', 'vm', 'web', 'mac'])).toBe('vm.*.mac');
  expect(keysOf(['host', 'merlin', 'relay'])).toEqual(['to', 'as']);
});
