import { readFile } from 'node:fs/promises';
import { errorText, exitCodes, SixhubError, systemCode } from '@sixhub/base';

export const defaultConfigFile = '/etc/sixhub/hub.toml';

export async function readConfigFile(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const why = systemCode(error) === 'ENOENT' ? 'it does not exist' : errorText(error);
    throw new SixhubError({
      code: 'config-unreadable',
      fact: `${file} can't be read: ${why}`,
      hint: 'Make one with `hub init`, or name another with --config FILE.',
      exit: exitCodes.usage,
    });
  }
}
