import type { TestAuthority } from '../../authority/authority.js';
import { stages, type Stage, type Trouble } from '../../authority/conduct.js';

const hour = 3_600_000;
const day = 24 * hour;

/** The ways in which an authority can be in trouble, each set up by chance. */
interface Storm {
  readonly name: string;
  /** Nothing can be had from it; two authorities at once are spared this for long. */
  readonly isTotal: boolean;
  begin(authority: TestAuthority, chance: () => number, names: readonly string[]): void;
}

function pick<T>(list: readonly T[], chance: () => number): T {
  const one = list[Math.floor(chance() * list.length)];
  if (one === undefined) throw new Error('nothing to choose from');
  return one;
}

const ofIssuance: readonly Stage[] = stages.filter(
  (stage) => !['renewal-info', 'revoke', 'key-change'].includes(stage),
);

function problem(type: string, status: number, retryAfterMs?: number): Trouble {
  return {
    ...({ kind: 'problem', type, status, detail: `${type} by the weather` } as const),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

const problems = [
  problem('serverInternal', 500),
  problem('serverInternal', 503, 2 * hour),
  problem('rateLimited', 429),
  problem('rateLimited', 429, 6 * hour),
  problem('rejectedIdentifier', 400),
  problem('unauthorized', 403),
  problem('malformed', 400),
  problem('userActionRequired', 403),
  problem('caa', 403),
  problem('dns', 400),
  problem('orderNotReady', 403),
  problem('alreadyReplaced', 409),
  problem('badCSR', 400),
  problem('accountDoesNotExist', 400),
  problem('badSignatureAlgorithm', 400),
];

const storms: readonly Storm[] = [
  {
    name: 'dead',
    isTotal: true,
    begin: ({ conduct }) => conduct.trouble.set('all', { kind: 'dead' }),
  },
  {
    name: 'busy',
    isTotal: true,
    begin: ({ conduct }, chance) =>
      conduct.trouble.set('all', {
        kind: 'busy',
        ...(chance() < 0.5 ? {} : { retryAfterMs: Math.ceil(chance() * 5) * hour }),
      }),
  },
  {
    name: 'a problem at one step',
    isTotal: true,
    begin: ({ conduct }, chance) =>
      conduct.trouble.set(pick(ofIssuance, chance), { ...pick(problems, chance) }),
  },
  {
    name: 'what it issues is wrong',
    isTotal: true,
    begin({ conduct }, chance) {
      conduct.misissue = pick(
        ['other-key', 'extra-name', 'missing-name', 'expired', 'broken-chain', 'no-chain'] as const,
        chance,
      );
    },
  },
  {
    name: 'some answers are lost',
    isTotal: false,
    begin: ({ conduct }, chance) =>
      conduct.trouble.set(pick(ofIssuance, chance), {
        ...{ kind: 'dead', acted: chance() < 0.7, times: 1 + Math.floor(chance() * 3) },
      }),
  },
  {
    name: 'nonces are refused and it is slow',
    isTotal: false,
    begin({ conduct }, chance) {
      conduct.rejectNonces = chance() * 15;
      conduct.slowFinalize = Math.floor(chance() * 4);
    },
  },
  {
    name: 'a name is paused, or not issued for',
    isTotal: true,
    begin({ conduct }, chance, names) {
      const name = pick(names, chance);
      if (chance() < 0.5) conduct.paused.add(name);
      else {
        const at = pick(['new-order', 'challenge', 'finalize'] as const, chance);
        conduct.refused.set(name, {
          at,
          type: pick(['caa', 'dns', 'rejectedIdentifier'], chance),
          detail: 'by the weather',
        });
      }
    },
  },
  {
    name: 'renewal information is odd',
    isTotal: false,
    begin({ conduct }, chance) {
      const odd = pick(
        [
          { text: '<html>' },
          { text: '{}', retryAfter: '0' },
          {
            text: JSON.stringify({
              suggestedWindow: { start: '2090-01-01T00:00:00Z', end: '2091-01-01T00:00:00Z' },
            }),
          },
        ],
        chance,
      );
      if (chance() < 0.5) conduct.trouble.set('renewal-info', { ...pick(problems, chance) });
      else conduct.renewalInfo = () => odd;
    },
  },
];

function calm({ conduct }: TestAuthority): void {
  conduct.trouble.clear();
  conduct.paused.clear();
  conduct.refused.clear();
  conduct.rejectNonces = 0;
  conduct.slowFinalize = 0;
  conduct.misissue = undefined;
  conduct.renewalInfo = undefined;
}

export interface Climate {
  /** The longest trouble of one authority. */
  readonly longestMs: number;
  /** The longest time in which none is of use; there is relief of at least `reliefMs` after it. */
  readonly togetherMs: number;
  readonly reliefMs: number;
}

/** Trouble that comes and goes by chance, told how much time passed. */
export class Weather {
  /** What began when. */
  readonly diary: string[] = [];
  readonly #authorities: readonly TestAuthority[];
  readonly #names: readonly string[];
  readonly #chance: () => number;
  readonly #climate: Climate;
  readonly #storms: { until: number; isTotal: boolean }[];

  constructor(
    authorities: readonly TestAuthority[],
    names: readonly string[],
    chance: () => number,
    climate: Climate,
  ) {
    this.#authorities = authorities;
    this.#names = names;
    this.#chance = chance;
    this.#climate = climate;
    this.#storms = authorities.map(() => ({ until: 0, isTotal: false }));
  }

  /** Ends what is over, and with some chance begins something new at an authority that is calm. */
  change(now: number): void {
    for (const [index, authority] of this.#authorities.entries()) {
      const before = this.#storms[index];
      if (before === undefined || before.until > now) continue;
      calm(authority);
      const isRelief = before.isTotal && this.#othersAreOut(index, now);
      this.#storms[index] =
        isRelief || this.#chance() < 0.4
          ? { until: now + this.#peace(isRelief), isTotal: false }
          : this.#begin(index, authority, now);
    }
  }

  #begin(
    index: number,
    authority: TestAuthority,
    now: number,
  ): { until: number; isTotal: boolean } {
    const storm = pick(storms, this.#chance);
    const { longestMs, togetherMs } = this.#climate;
    const mostMs = storm.isTotal && this.#othersAreOut(index, now) ? togetherMs : longestMs;
    const length = this.#chance() * mostMs;
    storm.begin(authority, this.#chance, this.#names);
    const days = (length / day).toFixed(1);
    this.diary.push(
      `${new Date(now).toISOString()} ${authority.name}: ${storm.name} for ${days} d`,
    );
    return { until: now + length, isTotal: storm.isTotal };
  }

  #peace(isRelief: boolean): number {
    const { longestMs, reliefMs } = this.#climate;
    return (isRelief ? reliefMs : 0) + (this.#chance() * longestMs) / 2;
  }

  #othersAreOut(index: number, now: number): boolean {
    return this.#storms.every((one, at) => at === index || (one.isTotal && one.until > now));
  }
}
