import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeWhole } from './whole-file.js';

let directory = '';
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sixhub-whole-'));
});
afterEach(() => rm(directory, { recursive: true }));

test('replaces the content and the mode, and leaves no other file', async () => {
  const path = join(directory, 'file');
  await writeFile(path, 'old', { mode: 0o666 });
  await writeWhole(path, 'new', { mode: 0o640 });
  expect(await readFile(path, 'utf8')).toBe('new');
  expect((await stat(path)).mode & 0o777).toBe(0o640);
  expect(await readdir(directory)).toEqual(['file']);
});

test('a reader sees the old content or the new, never a part', async () => {
  const path = join(directory, 'file');
  const [old, fresh] = ['a'.repeat(1_000_000), 'b'.repeat(1_000_000)];
  await writeWhole(path, old, { mode: 0o600 });
  let writing = true;
  const readers = (async () => {
    const seen = new Set<string>();
    while (writing) seen.add(await readFile(path, 'utf8'));
    return seen;
  })();
  for (let round = 0; round < 10; round++) {
    await writeWhole(path, round % 2 === 0 ? fresh : old, { mode: 0o600 });
  }
  writing = false;
  for (const content of await readers) expect([old, fresh]).toContain(content);
});

test('what can not be put in place leaves the old file and no temporary one', async () => {
  const path = join(directory, 'target');
  const { mkdir } = await import('node:fs/promises');
  await mkdir(join(path, 'inside'), { recursive: true }); // a rename onto a full directory fails
  await expect(writeWhole(path, 'new', { mode: 0o600 })).rejects.toThrow();
  expect(await readdir(directory)).toEqual(['target']);
});
