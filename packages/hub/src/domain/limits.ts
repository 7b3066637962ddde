/**
 * What an authority allows, counted here before it is asked: what would be refused costs its patience and tells us only
 * what we could have known. Each limit is a bucket of `count` tokens that fills evenly within `withinMs`, as Let's
 * Encrypt counts: all may be taken at once, and each comes back by itself, the first long before the window is over.
 * A bucket is remembered by the time when it will be full again; that one number is all its history.
 */
export interface Limit {
  readonly count: number;
  readonly withinMs: number;
}

export type LimitKind =
  /** New orders of the account. */
  | 'orders'
  /** Certificates of a registered domain. */
  | 'domain'
  /** Certificates of the same names. */
  | 'same-names'
  /** Failed validations of a name. */
  | 'failures'
  /** New accounts from one address. */
  | 'accounts';

export interface AuthorityRules {
  readonly limits: Readonly<Partial<Record<LimitKind, Limit>>>;
  /** Orders with `replaces` (RFC 9773 §5) are exempt from all of them. */
  readonly replacementsAreFree: boolean;
}

const hour = 3_600_000;
const day = 24 * hour;

/**
 * Let's Encrypt, documentation of 2026-08-05. Its staging has other numbers, ZeroSSL and Google publish none that could
 * be confirmed: what they answer is obeyed.
 */
const byHost: Readonly<Record<string, AuthorityRules>> = {
  'acme-v02.api.letsencrypt.org': {
    limits: {
      orders: { count: 300, withinMs: 3 * hour },
      domain: { count: 50, withinMs: 7 * day },
      'same-names': { count: 5, withinMs: 7 * day },
      failures: { count: 5, withinMs: hour },
      accounts: { count: 10, withinMs: 3 * hour },
    },
    replacementsAreFree: true,
  },
};

/** Rules of the authority at this host; of one that is not known, none. */
export function rulesOf(host: string): AuthorityRules {
  return byHost[host] ?? { limits: {}, replacementsAreFree: false };
}

/** So many tokens of one bucket. */
export interface Charge {
  readonly kind: LimitKind;
  /** Whose bucket of this kind it is: a domain, a name, a set of names; empty where there is one an authority. */
  readonly subject: string;
  readonly tokens: number;
}

/** What an order takes from the moment it is made; `certificates` is given back where none comes of it. */
export function chargesOfOrder(
  names: readonly string[],
  registeredDomain: (name: string) => string,
): { readonly order: readonly Charge[]; readonly certificates: readonly Charge[] } {
  const domains = [...new Set(names.map(registeredDomain))];
  return {
    order: [{ kind: 'orders', subject: '', tokens: 1 }],
    certificates: [
      ...domains.map((subject) => ({ kind: 'domain' as const, subject, tokens: 1 })),
      { kind: 'same-names', subject: names.toSorted().join(' '), tokens: 1 },
    ],
  };
}

/**
 * A sentence where so many certificates for the same names are more than an authority gives within its window: then not
 * every machine could have a new one when all need it, as after a flaw in what makes keys. Undefined: it gives enough.
 */
export function tooManyAlike(
  count: number,
  authority: string,
  { limits: { 'same-names': limit } }: AuthorityRules,
): string | undefined {
  if (limit === undefined || count <= limit.count) return undefined;
  const days = limit.withinMs / day;
  const within = days === 7 ? 'a week' : `in ${days} days`;
  return `${count} certificates with the same names: ${authority} gives ${limit.count} ${within}`;
}

/** One token for each validation that failed, or may fail; apex and wildcard are two of the same name. */
export function chargesOfFailures(names: readonly string[]): readonly Charge[] {
  const counts = new Map<string, number>();
  for (const name of names) {
    const subject = name.replace(/^\*\./, '');
    counts.set(subject, (counts.get(subject) ?? 0) + 1);
  }
  return [...counts].map(([subject, tokens]) => ({ kind: 'failures', subject, tokens }));
}

/** When so many tokens are there. `fullAt`: of the bucket; undefined for one that nothing was taken from. */
export function fitsAt(limit: Limit, tokens: number, fullAt: Date | undefined, now: Date): Date {
  // More than a full bucket never fits; what needs more waits until it is full.
  const spare = (limit.count - Math.min(tokens, limit.count)) * refillMs(limit);
  return new Date(Math.max(now.getTime(), (fullAt?.getTime() ?? 0) - spare));
}

/** When the bucket is full again, after these tokens were taken from it. */
export function fullAfter(limit: Limit, tokens: number, fullAt: Date | undefined, now: Date): Date {
  const from = Math.max(now.getTime(), fullAt?.getTime() ?? 0);
  return new Date(from + tokens * refillMs(limit));
}

/** The same, after tokens were put back. */
export function fullAfterReturn(limit: Limit, tokens: number, fullAt: Date): Date {
  return new Date(fullAt.getTime() - tokens * refillMs(limit));
}

/** How long one token takes to come back. */
export function refillMs({ count, withinMs }: Limit): number {
  return withinMs / count;
}

/** What is counted, for a sentence that begins with a number. */
export function countedAs({ kind, subject }: Charge): string {
  switch (kind) {
    case 'orders':
      return 'new orders';
    case 'domain':
      return `certificates for ${subject} and what is below it`;
    case 'same-names':
      return 'certificates for the same names';
    case 'failures':
      return `failed validations of ${subject}`;
    case 'accounts':
      return 'new accounts from one address';
    default:
      return kind satisfies never;
  }
}
