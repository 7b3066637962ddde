import { expect, test } from 'vitest';
import { inOneLine, printable } from './printable.js';

test('no word of another machine moves the cursor, changes a colour or sets a title', () => {
  const words = '\u001b[2J\u001b]0;root\u0007ok\r\u009b31mä\nnext';
  expect(printable(words)).toBe(' [2J ]0;root ok  31mä\nnext');
  expect(inOneLine(words)).toBe(' [2J ]0;root ok  31mä next');
});
