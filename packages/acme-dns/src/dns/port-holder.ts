import { readdir, readFile, readlink } from 'node:fs/promises';

/**
 * Which program has a port, as Linux tells it: the socket's inode stands in /proc/net, and one of the descriptors
 * below /proc is a link to it. Another user's descriptors can't be read without privilege; then nobody is named.
 */
export async function portHolder(
  protocol: 'udp' | 'tcp',
  port: number,
): Promise<string | undefined> {
  const inodes = new Set<string>();
  for (const table of [protocol, `${protocol}6`]) {
    for (const inode of await inodesOn(table, port)) inodes.add(inode);
  }
  for (const pid of await readdir('/proc').catch(() => [])) {
    if (/^\d+$/.test(pid) && (await holdsAny(pid, inodes))) {
      const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => 'a program');
      return `${name.trim()} (process ${pid})`;
    }
  }
  return undefined;
}

async function inodesOn(table: string, port: number): Promise<readonly string[]> {
  const text = await readFile(`/proc/net/${table}`, 'utf8').catch(() => '');
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return text.split('\n').flatMap((line) => {
    const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
    // A TCP socket that listens has state 0A; UDP sockets have no states.
    const listens = table.startsWith('udp') || state === '0A';
    return local?.endsWith(wanted) === true && listens && inode !== undefined ? [inode] : [];
  });
}

async function holdsAny(pid: string, inodes: ReadonlySet<string>): Promise<boolean> {
  for (const descriptor of await readdir(`/proc/${pid}/fd`).catch(() => [])) {
    const target = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => '');
    const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
    if (inode !== undefined && inodes.has(inode)) return true;
  }
  return false;
}
