import fc from 'fast-check';
import { expect, test } from 'vitest';
import { GoObject, parseFirstJson } from './go-json.js';

test('keys match without case, the last one counts', () => {
  expect(GoObject.of({ Txt: 1, TXT: 2 })?.get('txt')).toBe(2);
  expect(GoObject.of(null)?.get('txt')).toBeUndefined();
  expect(GoObject.of([])).toBeUndefined();
  expect(GoObject.of('x')).toBeUndefined();
});

test('the first value is read, whatever follows', () => {
  expect(parseFirstJson('{"a":"}\\""} junk')?.value).toEqual({ a: '}"' });
  expect(parseFirstJson('{"a":1}{"a":2}')?.value).toEqual({ a: 1 });
  expect(parseFirstJson('{"a":')).toBeUndefined();
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.string(), (object, junk) => {
      const text = JSON.stringify(object);
      expect(parseFirstJson(`${text}${junk}`)?.value).toEqual(JSON.parse(text));
    }),
  );
});

test('no text at all breaks it', () => {
  fc.assert(fc.property(fc.string(), (text) => void GoObject.of(parseFirstJson(text)?.value)));
});
