import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkoutRoot, runTool } from '../lab/index.js';
import { hostNet } from '../lab/host-network.js';

type Told = (text: string, child: ChildProcess) => Promise<void> | void;

/** The demonstration as built, what it prints, and the process namespace that everything in it has. */
async function runDemo(heard: Told = () => undefined) {
  const words = [join(checkoutRoot, 'test/dist/demo/main.js'), 'host'];
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  let space: string | undefined;
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', async (chunk: string) => {
      text += chunk;
      space ??= await spaceBelow(child.pid ?? 0);
      await heard(text, child);
    });
  }
  await once(child, 'close');
  return { code: child.exitCode, text, space };
}

/** Of those whom the process started, one has a namespace for processes of its own. */
async function spaceBelow(pid: number): Promise<string | undefined> {
  const own = await readlink('/proc/self/ns/pid');
  for (const below of await childrenOf(pid)) {
    const space = await readlink(`/proc/${below}/ns/pid`).catch(() => own); // it has ended
    const found = space === own ? await spaceBelow(below) : space;
    if (found !== undefined) return found;
  }
  return undefined;
}

async function childrenOf(pid: number): Promise<readonly number[]> {
  const told = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  return told.split(' ').flatMap((word) => (word.trim() === '' ? [] : [Number(word)]));
}

async function livingIn(space: string | undefined): Promise<readonly string[]> {
  expect(space).toMatch(/^pid:/);
  const living: string[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const its = await readlink(`/proc/${name}/ns/pid`).catch(() => undefined); // it has ended
    if (its === space) living.push(name);
  }
  return living;
}

/** This machine's own of everything that the story's machines have, or write. */
function ofThisMachine(): Promise<string> {
  const script = `ip -o link | grep -E ' (br0|eno1|nat64|host0|ens3|vnet[0-9])[@:]'; hostname
    cd /etc && find sixhub netplan systemd bind unbound radvd.conf tayga.conf shadow hostname resolv.conf sysctl.d \
      modules-load.d /usr/local/sbin /var/lib/sixhub-hostcore /var/lib/sixhub /run/units -xdev -printf '%p %T@ %s\\n' 2>/dev/null | sort`;
  return runTool('sh', ['-c', script]);
}

test('from the fresh host to one that comes back by itself: each claim is proven, and nothing is left', async () => {
  const before = await ofThisMachine();
  const { code, text, space } = await runDemo();
  expect(code, text).toBe(0);
  for (const proof of [
    'This SSH session (to 45.67.90.10) is not cut.',
    'Confirmed: number 1 is in force.',
    `asked by ${hostNet.vmAddresses[0]}`,
    '64:ff9b::2d43:5950 v4only.lab',
    'asked by 45.67.90.10\n',
    'merlin: 14 ok, 0 wrong',
    'This SSH session (to 45.67.90.10) ENDS',
    'ssh: connect to host 45.67.90.10 port 22',
    'Nothing to do: files and kernel are as host.toml has them.',
    'file /etc/radvd.conf: edited by hand',
  ]) {
    expect(text).toContain(proof);
  }
  expect(text.match(/100% packet loss/g), text).toHaveLength(2);
  const away = /It was away for ([\d.]+) s/.exec(text)?.[1];
  expect(Number(away), text).toBeGreaterThan(8);
  expect(text).toMatch(/undoing: nobody confirmed in time[^]*undone$/m);
  const took = /Done in ([\d.]+) s\. .* nothing is left behind/.exec(text)?.[1];
  expect(Number(took), text).toBeLessThan(110);
  const lines = text.split('\n');
  expect(lines.length).toBeLessThan(130);
  expect(lines.filter((line) => line.length > 100)).toEqual([]);
  expect(await livingIn(space)).toEqual([]);
  expect(await ofThisMachine()).toBe(before);
}, 150_000);

test('interrupted while it applies, it says so; killed, it is gone as a whole', async () => {
  const before = await ofThisMachine();
  let sentAt = 0;
  const interrupted = await runDemo((soFar, child) => {
    if (sentAt > 0 || !soFar.includes('Armed:')) return;
    sentAt = performance.now();
    child.kill('SIGINT');
  });
  expect(performance.now() - sentAt).toBeLessThan(10_000);
  expect(interrupted.code, interrupted.text).toBe(130);
  expect(interrupted.text).toContain('stopped by SIGINT');
  expect(await livingIn(interrupted.space)).toEqual([]);

  const killed = await runDemo((soFar, child) => {
    if (soFar.includes('Confirmed: number 1')) child.kill('SIGKILL');
  });
  expect(killed.code, killed.text).toBe(null);
  await expect.poll(() => livingIn(killed.space), { timeout: 10_000 }).toEqual([]);
  expect(await ofThisMachine()).toBe(before);
}, 150_000);
