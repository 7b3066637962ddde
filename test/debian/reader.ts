import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { atPrompt, type Reaction } from '../machine/at-prompt.js';
import { commandBlocks } from '../machine/blocks.js';
import { checkoutRoot } from '../lab/index.js';
import type { DebianTree } from '../lab/debian-tree.js';

/** Somebody who has the docs, and a terminal on each machine. */
export interface Reader {
  /**
   * Types the block of the page that begins with these words, with the page's own names replaced where a machine has
   * another, and returns what stood on the terminal.
   */
  type(machine: DebianTree, page: string, begin: string, more?: Typing): Promise<string>;
}

export interface Typing {
  readonly names?: Readonly<Record<string, string>>;
  readonly exit?: number;
}

export function readDocs(reactions: readonly Reaction[]): Reader {
  return {
    async type(machine, page, begin, { names = {}, exit = 0 } = {}) {
      const text = await readFile(join(checkoutRoot, 'docs', page), 'utf8');
      const blocks = commandBlocks(text).filter((block) => block.startsWith(begin));
      const [block, another] = blocks;
      if (block === undefined || another !== undefined) {
        throw new Error(`${page} has ${blocks.length} blocks that begin with ${begin}`);
      }
      const line = Object.entries(names).reduce(
        (typed, [documented, own]) => typed.replaceAll(documented, own),
        block,
      );
      const shell = [...(await machine.entering()), 'bash', '-c'];
      const { code, screen } = await atPrompt(`cd; set -e\n${line}`, { shell, reactions });
      if (code === exit) return screen;
      const { stdout } = await machine.run('journalctl -n 30 --no-pager -o cat');
      throw new Error(`${page}: ${line}\nended with ${code}:\n${screen}\n${stdout}`);
    },
  };
}

/** The block of a page that is a configuration, by a word of it. */
export async function configurationIn(page: string, word: string): Promise<string> {
  const text = await readFile(join(checkoutRoot, 'docs', page), 'utf8');
  const blocks = [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)];
  const found = blocks.find(([, language, block]) => language === '' && block?.includes(word));
  if (found?.[2] === undefined) throw new Error(`${page} has no configuration with ${word}`);
  return found[2];
}
