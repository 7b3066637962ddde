import { lstat, readFile, realpath, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { CertificateName } from '@sixhub/protocol';
import { certificatesOf, fingerprintOf } from '@sixhub/wire';
import type { Copy, Keeping } from '../domain/keeping.js';
import { stagedPath } from '../domain/staged-path.js';
import type { MakeForm } from '../forms/made-form.js';
import { ignoreMissing, systemWords } from '../live/system-words.js';
import type { Copies } from '../ports.js';
import { copyFault, type FoundCopy, type Wanted } from './judgement.js';
import {
  discardStaged,
  findCopy,
  placeCopy,
  placeFault,
  sha256Of,
  stageCopy,
  wordsAbout,
} from './place.js';
import { copyRecord, type MadeCopy } from './record.js';

interface Where {
  readonly live: string;
  readonly state: string;
  /** Where forms are made; nothing lies there between runs. */
  readonly workshop: string;
}

/**
 * The copies that agent.toml asks for. Each is made beside its place (`.FILE.sixhub-new`), on the same file system
 * therefore, and put there by one rename. Killed at any line a place has its old file or its new one; the next run
 * finds by `fault` which are not of the version in use, and makes those and no others.
 *
 * What agent.toml does not name any more stays where it is: the agent removes nothing that it may not write.
 */
export function openCopies(where: Where, keepings: readonly Keeping[], make: MakeForm): Copies {
  const record = copyRecord(where.state);
  const copiesOf = (name: CertificateName): readonly Copy[] =>
    keepings.find(({ certificate }) => certificate === name)?.copies ?? [];

  const directoryOf = async (target: string): Promise<string> =>
    join(await realpath(where.live), target);

  async function wantedOf(name: CertificateName, target: string): Promise<readonly Wanted[]> {
    const copies = copiesOf(name);
    if (copies.length === 0) return [];
    const version = await versionIn(await directoryOf(target));
    return Promise.all(
      copies.map(async (copy) => ({
        copy,
        version,
        passwordWritten: await writtenAt(copy.passwordFile).catch(() => undefined), // who locks by it says why not
      })),
    );
  }

  return {
    async stage(name, target) {
      const wanted = await wantedOf(name, target);
      if (wanted.length === 0) return undefined;
      const known = await record.read(name);
      const directory = await directoryOf(target);
      const made: MadeCopy[] = [];
      const failures: string[] = [];
      for (const each of wanted) {
        const { copy } = each;
        try {
          const found = await findCopy(copy.path);
          made.push(...entriesOf(copy.path, found, known));
          if (copyFault(each, found, known) === undefined) continue;
          const staged = await stageOne(each, directory);
          if (staged.kind === 'staged') made.push(staged.entry);
          else failures.push(staged.why);
        } catch (error) {
          failures.push(wordsAbout(copy.path, error));
        }
      }
      try {
        await record.write(name, made);
      } catch (error) {
        failures.push(systemWords(error));
      }
      return asWords(failures);
    },

    async place(name, target) {
      const wanted = await wantedOf(name, target);
      const made = wanted.length === 0 ? [] : await record.read(name);
      const failures: string[] = [];
      for (const each of wanted) {
        const { path } = each.copy;
        try {
          const there = copyFault(each, await findCopy(path), made);
          if (there === undefined) continue;
          const staged = copyFault(each, await findCopy(stagedPath(path)), made);
          const blocked =
            staged === undefined
              ? await placeFault(path)
              : `${there}, and nothing was made ready to take its place`;
          if (blocked === undefined) await placeCopy(path);
          else failures.push(blocked);
        } catch (error) {
          failures.push(wordsAbout(path, error));
        }
      }
      return asWords(failures);
    },

    async fault(name, target) {
      const wanted = await wantedOf(name, target);
      const made = wanted.length === 0 ? [] : await record.read(name);
      for (const each of wanted) {
        try {
          const fault = copyFault(each, await findCopy(each.copy.path), made);
          if (fault !== undefined) return fault;
        } catch (error) {
          return wordsAbout(each.copy.path, error);
        }
      }
      return undefined;
    },

    async tidy(name) {
      for (const { path } of copiesOf(name)) {
        try {
          await discardStaged(path);
        } catch (error) {
          systemWords(error); // what can't be removed is met again, and told, when the next copy is staged
        }
      }
      const left = await lstat(where.workshop).catch(ignoreMissing);
      if (left !== undefined) await rm(where.workshop, { recursive: true });
    },
  };

  async function stageOne(
    { copy, version, passwordWritten }: Wanted,
    directory: string,
  ): Promise<
    | { readonly kind: 'staged'; readonly entry: MadeCopy }
    | { readonly kind: 'failed'; readonly why: string }
  > {
    const { path, form, alias } = copy;
    const words = await placeFault(path);
    if (words !== undefined) return { kind: 'failed', why: words };
    const made = await make(copy, directory);
    if (made.kind === 'failed')
      return { kind: 'failed', why: `${path} can't be made: ${made.why}` };
    await stageCopy(copy, made.content);
    const written = passwordWritten === undefined ? {} : { passwordWritten };
    const sha256 = sha256Of(made.content);
    return { kind: 'staged', entry: { path, sha256, version, form, alias, ...written } };
  }
}

function asWords(failures: readonly string[]): string | undefined {
  return failures.length === 0 ? undefined : failures.join('; ');
}

/**
 * What is known of the file that lies there now: it is put back to that if the next version is not served. Two, for the
 * same bytes can be the chain of the version in use and of the one before.
 */
function entriesOf(
  path: string,
  found: FoundCopy,
  known: readonly MadeCopy[],
): readonly MadeCopy[] {
  if (found.kind !== 'file') return [];
  return known.filter((it) => it.path === path && it.sha256 === found.sha256).slice(-2);
}

async function versionIn(directory: string): Promise<string> {
  const [leaf] = certificatesOf(await readFile(join(directory, 'cert.pem'), 'utf8'));
  if (leaf === undefined) throw new Error(`there is no certificate in ${directory}/cert.pem`);
  return fingerprintOf(leaf);
}

async function writtenAt(file: string | undefined): Promise<number | undefined> {
  if (file === undefined) return undefined;
  return (await stat(file).catch(ignoreMissing))?.mtimeMs;
}
