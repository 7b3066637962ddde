import { readdir, readFile, readlink } from 'node:fs/promises';
import { parseAddress } from '../domain/ip-address.js';
import type { ListenAddress } from '../domain/listen-address.js';

/**
 * Which program has an address and port, or that port on every address, as Linux tells it: the socket's inode stands in /proc/net, and one of the descriptors
 * below /proc is a link to it. Another user's descriptors can't be read without privilege; then nobody is named.
 */
export async function portHolder(
  protocol: 'udp' | 'tcp',
  where: ListenAddress,
): Promise<string | undefined> {
  const inodes = new Set<string>();
  for (const table of [protocol, `${protocol}6`]) {
    for (const inode of await inodesOn(table, where)) inodes.add(inode);
  }
  for (const pid of await readdir('/proc').catch(() => [])) {
    if (/^\d+$/.test(pid) && (await holdsAny(pid, inodes))) {
      const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => 'a program');
      return `${name.trim()} (process ${pid})`;
    }
  }
  return undefined;
}

async function inodesOn(
  table: string,
  { address, port }: ListenAddress,
): Promise<readonly string[]> {
  const text = await readFile(`/proc/net/${table}`, 'utf8').catch(() => '');
  const digits = port.toString(16).toUpperCase().padStart(4, '0');
  const bytes = parseAddress(address);
  const isWildcard = bytes === undefined || bytes.every((byte) => byte === 0);
  const fits = (local: string): boolean => {
    const [host = '', hostPort] = local.split(':');
    if (hostPort !== digits) return false;
    return isWildcard || /^0+$/.test(host) || host.endsWith(kernelText(bytes));
  };
  return text.split('\n').flatMap((line) => {
    const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
    // A TCP socket that listens has state 0A; UDP sockets have no states.
    const listens = table.startsWith('udp') || state === '0A';
    return local !== undefined && fits(local) && listens && inode !== undefined ? [inode] : [];
  });
}

/** As /proc/net writes an address on a little-endian machine: words of four octets, the last octet of each first. */
function kernelText(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 4)
    text += Buffer.from([...bytes.slice(at, at + 4)].toReversed()).toString('hex');
  return text.toUpperCase();
}

async function holdsAny(pid: string, inodes: ReadonlySet<string>): Promise<boolean> {
  for (const descriptor of await readdir(`/proc/${pid}/fd`).catch(() => [])) {
    const target = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => '');
    const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
    if (inode !== undefined && inodes.has(inode)) return true;
  }
  return false;
}
