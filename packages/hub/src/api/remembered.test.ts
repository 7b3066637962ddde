import { expect, test } from 'vitest';
import { Remembered } from './remembered.js';

test('an answer is kept until anything changes, and not where that was while it was made', async () => {
  let revision = 0;
  let made = 0;
  const remembered = new Remembered(() => String(revision));
  const ask = (during = () => undefined as void) =>
    remembered.answer('one', async () => {
      during();
      made++;
      return `${made}`;
    });
  expect(await ask()).toBe('1');
  expect(await ask()).toBe('1');
  revision++;
  expect(await ask()).toBe('2');
  revision++;
  expect(await ask(() => void revision++)).toBe('3');
  expect(await ask()).toBe('4');
  expect(await ask()).toBe('4');
});
