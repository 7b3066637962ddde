import { readFile } from 'node:fs/promises';
import { errorText, exitCodes, SixhubError, usageError } from '@sixhub/base';
import { HiddenInput } from './hidden-input.js';

/** A passphrase comes from a file or from the terminal: an argument would stand in `ps` and in the shell's history. */
export async function passphraseFrom(
  file: string | undefined,
  ask: { readonly twice: boolean },
  signal: AbortSignal,
): Promise<string> {
  if (file !== undefined) return fromFile(file);
  using terminal = new HiddenInput(signal);
  const first = await terminal.ask('Passphrase of the backup: ');
  if (ask.twice && (await terminal.ask('The same again: ')) !== first) {
    throw usageError('the two passphrases differ', 'Nothing was written. Try again.');
  }
  return mustBeOne(first, 'what was typed');
}

/** Its first line. */
async function fromFile(file: string): Promise<string> {
  const [line = ''] = (await readSecretFile(file, '--passphrase-file')).split(/\r?\n/, 1);
  return mustBeOne(line, file);
}

export async function readSecretFile(file: string, option: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new SixhubError({
      code: 'file-unreadable',
      fact: `${file} of ${option} can't be read: ${errorText(error)}`,
      hint: 'Name a file that this user may read.',
      exit: exitCodes.usage,
    });
  }
}

function mustBeOne(passphrase: string, where: string): string {
  if (passphrase !== '') return passphrase;
  throw usageError(`${where} is empty`, 'A backup holds every private key: give it a passphrase.');
}
