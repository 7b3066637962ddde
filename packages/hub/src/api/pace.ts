import type { Clock } from '@sixhub/base';
import { Refusal } from '../domain/refusal.js';
import { AttemptLimit } from './attempt-limit.js';

const minuteMs = 60_000;
/** Wrong tokens from one network in a minute; a typing error meets it never, a guess always. */
const wrongTokens = 30;

/** How much one token, and one network without a token, may ask; see `requests_per_minute` in hub.toml. */
export class Pace {
  readonly #clock: Clock;
  readonly #requests: AttemptLimit;
  readonly #changes: AttemptLimit;
  readonly #wrong: AttemptLimit;

  constructor(requestsPerMinute: number, clock: Clock) {
    this.#clock = clock;
    const limit = (attempts: number): AttemptLimit =>
      new AttemptLimit({ attempts, inAll: Infinity, perMs: minuteMs });
    this.#requests = limit(requestsPerMinute);
    // A change costs a hundred times what a question does, and an authority's patience.
    this.#changes = limit(Math.max(10, Math.ceil(requestsPerMinute / 50)));
    this.#wrong = limit(wrongTokens);
  }

  /** `who`: a token, or the network that asks without. */
  request(who: string): void {
    this.#count(this.#requests, who);
  }

  change(who: string): void {
    this.#count(this.#changes, who);
  }

  /** Before a token is looked up: whoever guessed too often is not even answered whether this one is right. */
  mayShowToken(network: string): void {
    const now = this.#clock.now();
    if (this.#wrong.isSpent(network, now)) throw tooMany(network, this.#wrong.retryAfterS(now));
  }

  wrongToken(network: string): void {
    this.#wrong.allow(network, this.#clock.now());
  }

  #count(limit: AttemptLimit, who: string): void {
    const now = this.#clock.now();
    if (!limit.allow(who, now)) throw tooMany(who, limit.retryAfterS(now));
  }
}

function tooMany(who: string, retryAfterS: number): Refusal {
  return new Refusal(
    'too-many',
    'too-many-requests',
    `${who} asks too much`,
    `Wait ${retryAfterS} s. To follow what happens, read /v1/events instead of asking again and again; the limit is \`requests_per_minute\` in hub.toml.`,
    retryAfterS,
  );
}
