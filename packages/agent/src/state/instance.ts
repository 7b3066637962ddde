import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';

/**
 * This machine from one start to the next: a word that the hub tells copies apart by. It is made of what a copy does
 * not share, or not for long: the kernel's boot id, another one after each start (random(4)); the machine's own id
 * (machine-id(5), whose reader must not show it as it is); and the directory of the identity itself, for containers
 * that share a kernel. Nothing is written for it. Not in it is what changes back and forth on one machine: addresses,
 * interfaces, the host's name, files that are replaced.
 *
 * Undefined where the kernel does not tell, so that no word is made of half of it. A copy of a running machine's memory
 * says the same word until one of the two is started anew.
 */
export async function readInstance(state: string): Promise<string | undefined> {
  const bootId = await text('/proc/sys/kernel/random/boot_id');
  if (bootId === undefined) return undefined;
  const machineId = (await text('/etc/machine-id')) ?? '';
  const place = await stat(state, { bigint: true });
  return createHash('sha256')
    .update(['sixhub instance', bootId, machineId, `${place.dev}:${place.ino}`].join('\n'))
    .digest('base64url')
    .slice(0, 22);
}

async function text(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').then(
    (content) => content.trim(),
    () => undefined,
  );
}
