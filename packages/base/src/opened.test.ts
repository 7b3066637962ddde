import { expect, test } from 'vitest';
import { Opened } from './opened.js';

test('closes in reverse order, all of it, and throws the first failure', async () => {
  const closed: string[] = [];
  const open = (name: string, fails = false) => ({
    [Symbol.asyncDispose]: () => {
      closed.push(name);
      return fails ? Promise.reject(new Error(name)) : Promise.resolve();
    },
  });
  const run = async (): Promise<void> => {
    await using opened = new Opened();
    opened.use(open('first'));
    opened.use(open('second', true));
    opened.defer(() => void closed.push('third'));
  };
  await expect(run()).rejects.toThrow('second');
  expect(closed).toEqual(['third', 'second', 'first']);
});

test('what is moved out stays open', async () => {
  const closed: string[] = [];
  const keep = await (async () => {
    await using opened = new Opened();
    opened.defer(() => void closed.push('it'));
    return opened.move();
  })();
  expect(closed).toEqual([]);
  await keep[Symbol.asyncDispose]();
  expect(closed).toEqual(['it']);
});
