import type { Obstacle } from '../renewal/simulator.js';

/** What happens to the hub at one thing that it waits for. */
export type Stumble =
  /** It is not done, and the hub is told so: an error as the system gives it. */
  | 'refused'
  /** It is done, and the hub is told that it was not. */
  | 'answer lost'
  /** The hub is killed before it is done. */
  | 'killed before'
  /** The hub is killed when it is done, before it hears of it. */
  | 'killed after'
  /** A disk that is full: nothing is written from there on, until room is made. */
  | 'disk full'
  /** Nothing is wrong but what the test makes of it, by `met`. */
  | 'interrupted';

/** Counts everything that a hub waits for, and has it stumble over the n-th. */
export class Obstacles implements Obstacle {
  readonly #kind: Stumble;
  #left = 0;
  #full = false;
  #dead = false;
  /** What it stumbled over, like `issuances.update`. */
  at: string | undefined;

  readonly #met: () => void;

  constructor(kind: Stumble, met: () => void = () => undefined) {
    this.#kind = kind;
    this.#met = met;
  }

  get dead(): boolean {
    return this.#dead;
  }

  /** Over the n-th from now. */
  arm(count: number): void {
    this.#left = count;
    this.at = undefined;
  }

  /** Room is made; a hub that was killed starts anew. */
  clear(): void {
    this.#left = 0;
    this.#full = false;
    this.#dead = false;
  }

  readonly between = <T extends object>(name: string, part: T): T =>
    new Proxy(part, {
      get: (target, key) => {
        const value: unknown = Reflect.get(target, key);
        if (typeof value !== 'function') return value;
        if (typeof key === 'symbol') return value.bind(target);
        return (...given: unknown[]) =>
          this.#pass(`${name}.${key}`, () => Reflect.apply(value, target, given));
      },
    });

  async #pass(what: string, act: () => unknown): Promise<unknown> {
    if (this.#dead) return never();
    const due = this.#left > 0 && --this.#left === 0;
    if (due) {
      this.at = what;
      this.#met();
    }
    if (this.#full && writes(what)) throw full();
    if (!due) return this.#result(what, await act());
    switch (this.#kind) {
      case 'refused':
        throw full();
      case 'disk full':
        this.#full = true;
        if (writes(what)) throw full();
        return this.#result(what, await act());
      case 'interrupted':
        return this.#result(what, await act());
      case 'answer lost':
        await act();
        throw new Error('the answer was lost');
      case 'killed before':
        this.#dead = true;
        return never();
      case 'killed after':
        await act();
        this.#dead = true;
        return never();
      default:
        return this.#kind satisfies never;
    }
  }

  /** An authority's sessions are waited for as well. */
  #result(what: string, result: unknown): unknown {
    if (this.#dead) return never();
    const opened = what === 'authority.open' && typeof result === 'object' && result !== null;
    return opened ? this.between('session', result) : result;
  }
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}

/** As better-sqlite3 tells it. */
function full(): Error {
  return Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });
}

const reading =
  /\.(find|list|newest|newestOf|newestOfAll|versions|unfinished|unfinishedOf|key|privateKey|withKey|steps|newestStep|due|dueLooks|gone|fullAt|byId|look|all|under|of)$/;
const elsewhere = /^(session|authority|lookup|caa)\./;

function writes(what: string): boolean {
  return !reading.test(what) && !elsewhere.test(what);
}
