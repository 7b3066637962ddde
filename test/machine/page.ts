import { chmod, copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkoutRoot } from '../lab/index.js';
import type { Reaction } from './at-prompt.js';
import { typedBlocks } from './blocks.js';
import { pages } from './pages.js';
import type { Ran } from './ran.js';
import type { World } from './world.js';

/** Every command of a page, from its first to its last, a block at a time, as a reader would type them. */
export async function* runPage(world: World, file: string): AsyncGenerator<Ran> {
  const care = pages[file];
  if (care === undefined) throw new Error(`${file} is in no table: say what it takes for granted`);
  await standIn();
  const tokens: string[] = [];
  const paste: Reaction = { to: /Paste the join token/, by: () => `${tokens.at(-1)}\n\u0004` };
  const type = async (text: string): Promise<Omit<Ran, 'exit'>> => {
    const ran = await world.type(text, [paste]);
    tokens.push(...(ran.screen.match(/^sixhub1\.\S+$/gm) ?? []));
    if (text.includes('hub init')) await world.amendHubToml();
    return ran;
  };
  for (const line of care.before ?? []) {
    const { code, screen } = await type(line);
    if (code !== 0) throw new Error(`${line} ended with ${code}:\n${screen}`);
  }
  if (care.certbot === true) await world.letCertbot();
  if (care.sshMachine === true) await world.letSshMachine();
  const text = await readFile(join(checkoutRoot, file), 'utf8');
  for (const block of typedBlocks(text, care.notTyped)) {
    const ran = await type(`set -e\n${block}`);
    const [exit = 0] = care.ends?.[block.split('\n')[0] ?? ''] ?? [];
    yield { ...ran, line: block, exit };
  }
}

async function standIn(): Promise<void> {
  const place = '/usr/local/bin/systemctl';
  await copyFile(join(checkoutRoot, 'test/machine/systemctl.sh'), place);
  await chmod(place, 0o755);
}
