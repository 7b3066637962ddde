import { cp, rename, writeFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import {
  commandLine,
  makeAgent,
  mustBe,
  runTool,
  type AgentHouse,
  type HubHouse,
  type Lab,
} from '../../lab/index.js';

/** What becomes of a machine with an agent: it is enrolled, started anew, moved, copied. */

export async function enrolledHouse(
  { lab, hub }: { readonly lab: Lab; readonly hub: HubHouse },
  name: string,
  ...words: readonly string[]
): Promise<AgentHouse> {
  const { stdout: input } = await mustBe(0, await hub.run(['agent', 'add', name, ...words]));
  const house = await makeAgent(lab, name);
  await mustBe(0, await house.run(['enroll'], { input }));
  return house;
}

/** Another machine with all that this one's agent knows. */
export async function copyOf(lab: Lab, house: AgentHouse, name: string): Promise<AgentHouse> {
  const copy = await makeAgent(lab, name);
  await cp(house.state, copy.state, { recursive: true, preserveTimestamps: true });
  return copy;
}

/** The same files at another place of the disk, as after a restore: what was there is gone. */
export async function moveOf(house: AgentHouse): Promise<void> {
  const old = `${house.state}-${randomUUID()}`;
  await rename(house.state, old);
  await cp(old, house.state, { recursive: true });
}

/** A kernel that was started at this moment: `runs` does what `hub-agent WORDS` does on it. */
export async function newBoot(lab: Lab): Promise<{
  runs(house: AgentHouse, words: readonly string[]): Promise<string>;
}> {
  const file = join(await lab.makeDirectory('boot'), 'boot_id');
  await writeFile(file, `${randomUUID()}\n`);
  const script = 'mount --bind "$0" /proc/sys/kernel/random/boot_id && exec "$@"';
  const isRoot = process.getuid?.() === 0;
  return {
    runs: (house, words) =>
      runTool('unshare', [
        ...(isRoot ? [] : ['--user', '--map-root-user']),
        ...['--mount', 'sh', '-ec', script, file, process.execPath],
        ...commandLine('hub-agent', [...words, '--config', house.config]),
      ]),
  };
}
