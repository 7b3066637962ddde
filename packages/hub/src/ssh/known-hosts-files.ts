import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errorText, exitCodes, SixhubError, systemCode } from '@sixhub/base';
import { parseKnownHosts, type KnownHost } from './known-hosts.js';

/** The caller's own file, then the machine's, as ssh(1) reads them. */
export class KnownHostsFiles {
  /** Where a line is added. */
  readonly own: string;
  readonly #all: readonly string[];

  constructor(home: string) {
    this.own = join(home, '.ssh/known_hosts');
    this.#all = [this.own, '/etc/ssh/ssh_known_hosts'];
  }

  async read(): Promise<readonly KnownHost[]> {
    const all = await Promise.all(
      this.#all.map(async (file) => parseKnownHosts(file, await textOf(file))),
    );
    return all.flat();
  }

  /** One write at its end: another ssh may add a line at the same time. */
  async add(line: string): Promise<void> {
    await mkdir(dirname(this.own), { recursive: true, mode: 0o700 });
    const before = await textOf(this.own);
    const gap = before === '' || before.endsWith('\n') ? '' : '\n';
    await appendFile(this.own, `${gap}${line}\n`, { mode: 0o600 });
  }
}

/** A file that can't be read may hold a revoked key: not the same as one that is not there. */
async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return '';
    throw new SixhubError({
      code: 'known-hosts-unreadable',
      fact: `${file} can't be read: ${errorText(error)}`,
      hint: 'It says which hosts are who they say they are: have it readable for this user.',
      exit: exitCodes.usage,
    });
  }
}
