import { open } from 'node:fs/promises';

export interface FileRights {
  readonly mode: number;
  /** Whoever runs the agent, unless said. */
  readonly owner?: { readonly uid: number; readonly gid: number } | undefined;
}

/**
 * Writes a new file and has it on the disk when it returns. Private from its first instant; it is opened up to `mode`,
 * whatever the umask, when it is complete.
 */
export async function writeSynced(
  path: string,
  content: string | Uint8Array,
  { mode, owner }: FileRights,
): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(content);
    if (owner !== undefined) await file.chown(owner.uid, owner.gid);
    await file.chmod(mode);
    await file.sync();
  } finally {
    await file.close();
  }
}
