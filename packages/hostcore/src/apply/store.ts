import { existsSync } from 'node:fs';
import { appendFile, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { SixhubError, syncDirectory, systemCode, writeWhole } from '@sixhub/base';
import type { ApplyRecord } from '../domain/apply/record.js';
import type { Snapshot } from '../domain/apply/snapshot.js';

/**
 * The applies of this host, a directory each: what it is (`apply.json`), the description that it led to (`host.toml`), what was
 * before (`snapshot.json` and `files/`), and what was done when (`journal`). `unconfirmed` names the one that is not settled; the
 * unit at boot looks for that file.
 */
export interface Store {
  readonly directory: string;
  /** Of those that began; ascending. */
  numbers(): Promise<readonly number[]>;
  read(number: number): Promise<ApplyRecord>;
  write(record: ApplyRecord): Promise<void>;
  readSnapshot(number: number): Promise<Snapshot>;
  writeSnapshot(number: number, snapshot: Snapshot): Promise<void>;
  /** The description that an apply has led to; undefined where none is known. */
  readDescription(number: number): Promise<KeptDescription | undefined>;
  writeDescription(number: number, text: string): Promise<void>;
  /** With all that it kept; one that was half removed when this was killed goes as well. */
  remove(numbers: readonly number[]): Promise<void>;
  /** A line that is on the disk when this returns. */
  note(number: number, line: string): Promise<void>;
  open(): Promise<number | undefined>;
  setOpen(number: number): Promise<void>;
  /** Needs no room on the disk. */
  settle(): Promise<void>;
}

export interface KeptDescription {
  readonly file: string;
  readonly text: string;
}

const marker = 'unconfirmed';
const goes = '.removing-';

export async function openStore(directory: string): Promise<Store> {
  // Everybody may read drift's status there; what an apply keeps is root's.
  await mkdir(directory, { recursive: true, mode: 0o755 });
  const placeOf = (number: number): string => join(directory, nameOf(number));
  const json = async (number: number, name: string): Promise<unknown> => {
    const file = join(placeOf(number), name);
    try {
      return JSON.parse(await readFile(file, 'utf8'));
    } catch (error) {
      throw new SixhubError({
        code: 'no-such-apply',
        fact: `there is no apply ${number}: ${file} can't be read`,
        hint: '`hostcore rollback --list` shows those that there are.',
        cause: error,
      });
    }
  };
  return {
    directory,
    async numbers() {
      const names = await readdir(directory);
      return names
        .filter((name) => /^\d{4,}$/.test(name) && existsSync(join(directory, name, 'apply.json')))
        .map(Number)
        .sort((a, b) => a - b);
    },
    // Both were written by this program, whole or not at all.
    read: async (number) => (await json(number, 'apply.json')) as ApplyRecord,
    readSnapshot: async (number) => (await json(number, 'snapshot.json')) as Snapshot,
    async write(record) {
      await mkdir(placeOf(record.number), { recursive: true, mode: 0o700 });
      await writeWhole(join(placeOf(record.number), 'apply.json'), pretty(record), { mode: 0o600 });
    },
    writeSnapshot: (number, snapshot) =>
      writeWhole(join(placeOf(number), 'snapshot.json'), pretty(snapshot), { mode: 0o600 }),
    async readDescription(number) {
      const file = join(placeOf(number), 'host.toml');
      try {
        return { file, text: await readFile(file, 'utf8') };
      } catch (error) {
        if (systemCode(error) === 'ENOENT') return undefined;
        throw error;
      }
    },
    writeDescription: (number, text) =>
      writeWhole(join(placeOf(number), 'host.toml'), text, { mode: 0o600 }),
    async remove(numbers) {
      // Out of the list in one step, and on the disk so, before the first of its files goes.
      for (const number of numbers) {
        await rename(placeOf(number), join(directory, `${goes}${nameOf(number)}`));
      }
      await syncDirectory(directory);
      const names = await readdir(directory);
      const removed = await Promise.allSettled(
        names
          .filter((one) => one.startsWith(goes))
          .map((name) => rm(join(directory, name), { recursive: true, force: true })),
      );
      for (const one of removed) if (one.status === 'rejected') throw one.reason;
    },
    async note(number, line) {
      const file = join(placeOf(number), 'journal');
      await appendFile(file, `${new Date().toISOString()} ${line}\n`, { mode: 0o600 });
      await using handle = await open(file, 'r');
      await handle.datasync();
    },
    async open() {
      const text = await readFile(join(directory, marker), 'utf8').catch((error: unknown) => {
        if (systemCode(error) === 'ENOENT') return '';
        throw error;
      });
      return text === '' ? undefined : Number(text);
    },
    setOpen: (number) => writeWhole(join(directory, marker), `${number}\n`, { mode: 0o600 }),
    settle: () => rm(join(directory, marker), { force: true }),
  };
}

export function nameOf(number: number): string {
  return String(number).padStart(4, '0');
}

function pretty(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
