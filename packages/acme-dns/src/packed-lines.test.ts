import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PackedLines } from './packed-lines.js';

test('keeps what a Map of strings keeps, through gaps and growth', () => {
  const name = fc.constantFrom('a', 'b', 'c', 'd', 'e');
  const step = fc.oneof(
    fc.record({ name, line: fc.string({ unit: 'binary', maxLength: 2_000, size: 'max' }) }),
    fc.record({ name, line: fc.constant(undefined) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
      const [packed, known] = [new PackedLines(), new Map<string, string>()];
      for (const { name: at, line } of steps) {
        if (line === undefined) {
          packed.delete(at);
          known.delete(at);
        } else {
          packed.set(at, line);
          known.set(at, line);
        }
        expect(packed.size).toBe(known.size);
      }
      expect(new Set(packed.names())).toEqual(new Set(known.keys()));
      for (const at of known.keys()) expect(packed.get(at)).toBe(known.get(at));
    }),
    { numRuns: 50 },
  );
});
