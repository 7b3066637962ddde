import { readdir, readFile, readlink } from 'node:fs/promises';
import { dhcpPrograms, type DhcpClient } from '../domain/dhcp-client.js';

/** DHCP clients that run in this network namespace. From /proc: who started one by hand, or at boot, left no file that tells. */
export async function readDhcpClients(): Promise<readonly DhcpClient[]> {
  const own = await readlink('/proc/self/ns/net');
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(pids.map((pid) => clientOf(pid, own)));
  return found.flat().sort((one, other) => one.pid - other.pid);
}

async function clientOf(pid: number, own: string): Promise<readonly DhcpClient[]> {
  try {
    const program = (await readFile(`/proc/${pid}/comm`, 'utf8')).trim();
    if (!dhcpPrograms.some((one) => one === program)) return [];
    if ((await readlink(`/proc/${pid}/ns/net`)) !== own) return [];
    const [cmdline, cgroup] = await Promise.all([
      readFile(`/proc/${pid}/cmdline`, 'utf8'),
      readFile(`/proc/${pid}/cgroup`, 'utf8'),
    ]);
    // One that has ended and was not yet waited for has no words any more.
    if (cmdline === '') return [];
    const words = cmdline.split('\0').filter((word) => word !== '');
    return [{ program, pid, words, service: /([^/\n]+\.service)$/m.exec(cgroup)?.[1] }];
  } catch {
    return []; // it has ended meanwhile, or is not ours to look at
  }
}
