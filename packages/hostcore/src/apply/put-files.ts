import { link, mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { errorText, SixhubError, syncDirectory, systemCode } from '@sixhub/base';
import type { FileStep } from '../domain/apply/step.js';

type Put = FileStep & { readonly kind: 'put' };

/**
 * All new files, whole and on the disk, each beside its place under a name that no daemon reads. A disk that is full says so
 * here, before anything is changed; what follows are renames, which need no room.
 */
export async function stageBeside(steps: readonly FileStep[], number: number): Promise<void> {
  for (const step of steps) {
    if (step.kind !== 'put') continue;
    try {
      await stage(step, besideOf(step.path, number));
    } catch (error) {
      throw new SixhubError({
        code: 'not-written',
        fact: `${step.path} can't be written: ${errorText(error)}`,
        hint:
          systemCode(error) === 'ENOSPC'
            ? 'Make room on that disk, and apply again. Nothing was changed.'
            : 'Nothing was changed.',
        cause: error,
      });
    }
  }
}

async function stage({ path, text, mode }: Put, beside: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await using file = await open(beside, 'w', 0o600);
  await file.writeFile(text);
  await file.chmod(mode);
  await file.sync();
}

function besideOf(path: string, number: number): string {
  return join(dirname(path), `.${basename(path)}.hostcore-${number}`);
}

export async function unstage(
  files: readonly { readonly path: string }[],
  number: number,
): Promise<void> {
  for (const { path } of files) await rm(besideOf(path, number), { force: true });
}

/** A reader, and a machine that loses power, sees the old or the new. */
export async function carryOutFile(step: FileStep, number: number): Promise<void> {
  const { path } = step;
  switch (step.kind) {
    case 'put':
      await rename(besideOf(path, number), path);
      break;
    case 'copy':
      // A second name for the same content: the rename that follows takes only the first.
      await link(path, step.as);
      break;
    case 'move':
      await rename(path, step.as);
      break;
    case 'remove':
      await rm(path);
      break;
    default:
      step satisfies never;
  }
  await syncDirectory(dirname(path));
}
