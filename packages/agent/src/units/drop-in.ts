import { mkdir, readFile, rmdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode, writeWhole } from '@sixhub/base';

/** Our drop-in for the two units that run the agent, in the administrator's own directory of units. */

export const usualUnits = '/etc/systemd/system';
const units = ['sixhub-agent.service', 'sixhub-agent-watch.service'] as const;
const fileName = 'sixhub-agent-toml.conf';

/** Whether both are as they should be; undefined: not there. */
export async function isInPlace(directory: string, content: string | undefined): Promise<boolean> {
  const found = await Promise.all(
    units.map((unit) => contentOf(join(directory, `${unit}.d`, fileName))),
  );
  return found.every((text) => text === content);
}

export async function putInPlace(directory: string, content: string | undefined): Promise<void> {
  for (const unit of units) {
    const place = join(directory, `${unit}.d`);
    const file = join(place, fileName);
    if (content === undefined) await remove(place, file);
    else {
      await mkdir(place, { recursive: true });
      await writeWhole(file, content, { mode: 0o644 });
    }
  }
}

async function remove(place: string, file: string): Promise<void> {
  try {
    await unlink(file);
    await rmdir(place);
  } catch (error) {
    // Not there, or the administrator has drop-ins of their own beside it.
    if (!['ENOENT', 'ENOTEMPTY'].includes(systemCode(error) ?? '')) throw error;
  }
}

async function contentOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
