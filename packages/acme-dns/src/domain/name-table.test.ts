import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NameTable } from './name-table.js';

const octetsOf = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text));

test('does what a Map does, without case', () => {
  const step = fc.record({
    kind: fc.constantFrom('set', 'delete'),
    name: fc.string({ minLength: 0, maxLength: 3, unit: 'grapheme-ascii' }),
    value: fc.nat(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
      const table = new NameTable<number>();
      const map = new Map<string, number>();
      for (const { kind, name, value } of steps) {
        if (kind === 'set') {
          table.set(octetsOf(name), value);
          map.set(name.toLowerCase(), value);
        } else {
          table.delete(octetsOf(name.toUpperCase()).slice());
          map.delete(name.toLowerCase());
        }
      }
      expect(table.size).toBe(map.size);
      for (const { name } of steps) {
        const bytes = octetsOf(`>${name}<`);
        expect(table.find(bytes, 1, bytes.length - 1)).toBe(map.get(name.toLowerCase()));
      }
    }),
    { numRuns: 200 },
  );
});

test('stays small while names come and go', () => {
  const table = new NameTable<number>();
  for (let round = 0; round < 50_000; round++) {
    table.set(octetsOf(`name-${round}`), round);
    table.delete(octetsOf(`name-${round - 10}`));
  }
  expect(table.size).toBe(10);
  expect(table.slots).toBeLessThan(1_000);
});
