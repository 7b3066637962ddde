import { open } from 'node:fs/promises';
import { systemCode } from '@sixhub/base';
import { systemWords } from '../live/system-words.js';

/**
 * The file of a password is given by its path to the programs that need it, which read its first line themselves: the
 * word is in no argument, no environment and no second file. Here it is only judged before they do, for where they
 * would each make something else of it.
 */

/** Why the file can't be used; undefined if it can. */
export async function passwordFileFault(path: string): Promise<string | undefined> {
  try {
    const file = await open(path, 'r');
    try {
      const found = await file.stat();
      if (!found.isFile()) return `${path} is not a file with a password`;
      if ((found.mode & 0o007) !== 0) {
        return `${path} is open to everyone on this machine, and it is a password: chmod o= ${path}`;
      }
      const fault = passwordFault(await file.readFile('latin1'));
      return fault === undefined ? undefined : `${path}: ${fault}`;
    } finally {
      await file.close();
    }
  } catch (error) {
    if (systemCode(error) === 'ENOENT') {
      return `there is no file ${path}; its first line is to be the password, its mode 0600`;
    }
    return systemWords(error);
  }
}

/** What is wrong with the first line, never the line. */
export function passwordFault(text: string): string | undefined {
  const [line = ''] = text.split('\n', 1);
  if (line === '') return 'its first line, which is the password, is empty';
  if (line.endsWith('\r'))
    return 'its first line ends as Windows ends lines; save it with LF alone';
  if (!/^[ -~]*$/.test(line)) {
    return 'the password has characters beyond ASCII, which programs read in different ways; choose another';
  }
  if (line.length < 6)
    return 'the password has less than six characters, which is the least that keytool takes';
  if (line.length > 512)
    return 'the password has more than 512 characters, which openssl would cut';
  return undefined;
}
