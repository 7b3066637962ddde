import { wordsOf, type Environment, type Word } from './line.js';

export interface Line {
  readonly words: readonly Word[];
  /** `file:line`. */
  readonly where: string;
}

export interface Section {
  /** `global`, `defaults`, `frontend`, `listen` … */
  readonly kind: string;
  readonly name: string | undefined;
  /** Of `from`: the defaults that it begins with. */
  readonly from: string | undefined;
  readonly lines: readonly Line[];
}

export interface File {
  readonly path: string;
  readonly text: string;
}

/** Whether a `.if` holds, by HAProxy itself; undefined where it can't say. */
export type Judge = (condition: string, environment: Environment) => Promise<boolean | undefined>;

const sectionKinds: ReadonlySet<string> = new Set([
  ...['global', 'defaults', 'frontend', 'listen', 'backend', 'peers', 'resolvers', 'mailers'],
  ...['userlist', 'cache', 'program', 'http-errors', 'ring', 'log-forward', 'fcgi-app'],
  ...['crt-store', 'traces', 'log-profile', 'acme'],
]);

/** The sections in order, with what conditions leave out left out (manual, §2.4). */
export async function sectionsOf(
  files: readonly File[],
  inherited: Environment,
  judge: Judge,
): Promise<readonly Section[]> {
  const environment = new Map(inherited);
  const sections: { kind: string; name?: Word; from?: Word; lines: Line[] }[] = [];
  for (const { path, text } of files) {
    const branches = new Branches();
    for (const [index, raw] of text.split('\n').entries()) {
      const words = wordsOf(raw, environment);
      const [keyword = '', name] = words;
      if (keyword.startsWith('.')) {
        const condition = words.slice(1);
        await branches.step(keyword, async () =>
          condition.includes(undefined) ? undefined : judge(condition.join(' '), environment),
        );
      } else if (branches.taken && words.length > 0) {
        setEnvironment(environment, words);
        const line = { words, where: `${path}:${index + 1}` };
        if (!sectionKinds.has(keyword)) sections.at(-1)?.lines.push(line);
        else sections.push({ kind: keyword, name, from: wordAfter(words, 'from'), lines: [] });
      }
    }
  }
  return sections.map(({ kind, name, from, lines }) => ({ kind, name, from, lines }));
}

function wordAfter(words: readonly Word[], keyword: string): Word {
  const at = words.indexOf(keyword);
  return at === -1 ? undefined : words[at + 1];
}

/** The `.if` blocks that a line stands in. Of one whose condition is not known, no branch is taken. */
class Branches {
  /** For each: whether the branch at hand is taken, and whether no later one can be. */
  #open: { taken: boolean; done: boolean }[] = [];

  get taken(): boolean {
    return this.#open.every(({ taken }) => taken);
  }

  async step(keyword: string, holds: () => Promise<boolean | undefined>): Promise<void> {
    if (keyword === '.endif') this.#open.pop();
    if (keyword === '.if') this.#open.push({ taken: false, done: !this.taken });
    // `.notice` and the like say something, and change nothing.
    if (!['.if', '.elif', '.else'].includes(keyword)) return;
    const innermost = this.#open.at(-1);
    if (innermost === undefined) return;
    innermost.taken = false;
    if (innermost.done) return;
    const verdict = keyword === '.else' ? true : await holds();
    innermost.taken = verdict === true;
    innermost.done = verdict !== false;
  }
}

function setEnvironment(environment: Map<string, string>, words: readonly Word[]): void {
  const [keyword, name, value] = words;
  if (name === undefined) return;
  switch (keyword) {
    case 'setenv':
      if (value === undefined) environment.delete(name);
      else environment.set(name, value);
      return;
    case 'presetenv':
      if (value !== undefined && !environment.has(name)) environment.set(name, value);
      return;
    case 'unsetenv':
      for (const each of words.slice(1)) environment.delete(each ?? '');
      return;
    default:
  }
}
