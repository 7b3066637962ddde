import { mkdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errorText, systemCode, usageError, writeWhole } from '@sixhub/base';

/** host.toml as a file that is to be written: nothing is asked or read for one that can't be. */
export async function refuseUnlessFree(
  config: string,
  mayReplace: boolean,
  hint: string,
): Promise<void> {
  const found = await stat(config).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw unwritable(config, error);
  });
  if (found?.isDirectory() === true) {
    throw usageError(
      `${config} is a directory`,
      `Name the file in it: -c ${join(config, 'host.toml')}`,
    );
  }
  if (found !== undefined && !mayReplace) throw usageError(`${config} is there already`, hint);
}

export async function writeDescription(config: string, toml: string): Promise<void> {
  try {
    await mkdir(dirname(config), { recursive: true });
    await writeWhole(config, toml, { mode: 0o644 });
  } catch (error) {
    throw unwritable(config, error);
  }
}

function unwritable(config: string, error: unknown): Error {
  return usageError(
    `${config} can't be written: ${errorText(error)}`,
    'Try with sudo, or name another file with -c.',
  );
}
