import { expect, it } from 'vitest';
import { wordsOf } from './line.js';

const environment = new Map([
  ['HERE', '192.0.2.1'],
  ['LIST', 'a.pem  b.pem'],
]);

it.each([
  ['  bind :443  ssl # comment', ['bind', ':443', 'ssl']],
  ['bind "${HERE}:443" "$HERE:80"', ['bind', '192.0.2.1:443', '192.0.2.1:80']],
  // Variables are read in double quotes alone.
  ["bind ${HERE}:443 '$HERE'", ['bind', '${HERE}:443', '$HERE']],
  ['"\\$HERE" \\$HERE "$" a\\ b "it\'s" \\#x\\x41', ['$HERE', '$HERE', '$', 'a b', "it's", '#xA']],
  ['crt "${LIST[*]}" "${LIST}"', ['crt', 'a.pem', 'b.pem', 'a.pem  b.pem']],
  ['"${NONE-10.0.0.1}:1" "${NONE}:1" "$NONE"', ['10.0.0.1:1', undefined, undefined]],
  ['a"b c"d""', ['ab cd']],
  ['""', ['']],
  ['"no end', ['no end']],
])('%s', (line, words) => {
  expect(wordsOf(line, environment)).toEqual(words);
});
