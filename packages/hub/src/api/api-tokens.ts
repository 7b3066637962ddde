import { createHash, randomBytes } from 'node:crypto';
import { errorText, type Clock } from '@sixhub/base';
import type { Log } from '../ports.js';
import type { ApiToken, ApiTokenStore, TokenScope } from '../store/api-tokens.js';

/** What was read is believed so long: another hub on the same database may have removed it. Here, removal is at once. */
const believedMs = 1_000;
/** The time of the last use is written down at most so often. */
const noteEveryMs = 60_000;

interface Known {
  readonly token: ApiToken;
  readonly readAt: number;
}

/** The tokens of people and monitoring, found by their SHA-256, so that a look-up tells nothing about near misses. */
export class ApiTokens {
  readonly #store: ApiTokenStore;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #known = new Map<string, Known>();
  readonly #noted = new Map<string, number>();

  constructor(store: ApiTokenStore, clock: Clock, log: Log) {
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
  }

  list(): Promise<readonly ApiToken[]> {
    return this.#store.list();
  }

  /** Undefined where the name is taken; else the token, which nobody can read again. */
  async create(
    name: string,
    scope: TokenScope,
    expiresAt: Date | undefined,
  ): Promise<string | undefined> {
    const token = randomBytes(32).toString('base64url');
    const at = this.#clock.now();
    const made = await this.#store.create({ name, scope, hash: hash(token), at, expiresAt });
    return made ? token : undefined;
  }

  async remove(name: string): Promise<boolean> {
    this.#known.clear();
    const removed = await this.#store.remove(name);
    this.#known.clear(); // what was read meanwhile
    return removed;
  }

  async find(token: string): Promise<ApiToken | undefined> {
    const now = this.#clock.now();
    const key = hash(token);
    const known = this.#known.get(key);
    const age = known === undefined ? Infinity : now.getTime() - known.readAt;
    const found = age >= 0 && age < believedMs ? known?.token : await this.#read(key, now);
    if (found !== undefined) this.#note(found.name, now);
    return found;
  }

  async #read(key: string, now: Date): Promise<ApiToken | undefined> {
    const token = await this.#store.find(key);
    if (token === undefined) this.#known.delete(key);
    else this.#known.set(key, { token, readAt: now.getTime() });
    return token;
  }

  #note(name: string, now: Date): void {
    if (Math.abs(now.getTime() - (this.#noted.get(name) ?? 0)) < noteEveryMs) return;
    this.#noted.set(name, now.getTime());
    // Nobody waits for it, and no request fails for it.
    this.#store.used(name, now).catch((error: unknown) => {
      this.#log.warn({ token: name, error: errorText(error) }, "a token's last use was not kept");
    });
  }
}

function hash(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
