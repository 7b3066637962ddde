import { expect, it } from 'vitest';
import { passwordFault } from './password.js';

it('takes the first line, and no other', () => {
  expect(passwordFault('sixsix')).toBeUndefined();
  expect(passwordFault('a long one, with "signs"\nsecond\n')).toBeUndefined();
});

it.each([
  ['', 'empty'],
  ['\nsecond', 'empty'],
  ['secret\r\n', 'Windows'],
  ['gehe\u00efm\n', 'beyond ASCII'],
  ['tab\tbed\n', 'beyond ASCII'],
  ['short\n', 'six'],
  ['x'.repeat(513), '512'],
])('refuses %j without saying it', (text, words) => {
  expect(passwordFault(text)).toContain(words);
});
