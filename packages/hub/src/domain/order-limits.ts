/**
 * What an authority allows, counted here before an order is made: an order that would be refused costs the
 * authority's patience and tells us only what we could have known.
 */
export interface OrderLimit {
  readonly per: 'account' | 'same-names' | 'registered-domain';
  readonly count: number;
  readonly withinMs: number;
}

const hour = 3_600_000;
const day = 24 * hour;

/** Let's Encrypt, documentation of 2026-08-05. */
const letsEncrypt: readonly OrderLimit[] = [
  { per: 'account', count: 300, withinMs: 3 * hour },
  { per: 'registered-domain', count: 50, withinMs: 7 * day },
  { per: 'same-names', count: 5, withinMs: 7 * day },
];

export interface AuthorityRules {
  readonly orderLimits: readonly OrderLimit[];
  /** Orders with `replaces` (RFC 9773 §5) count for none of them. */
  readonly replacementsAreFree: boolean;
}

const byHost: Readonly<Record<string, AuthorityRules>> = {
  'acme-v02.api.letsencrypt.org': { orderLimits: letsEncrypt, replacementsAreFree: true },
};

/** Rules of the authority at this host; of one that is not known, none. */
export function rulesOf(host: string): AuthorityRules {
  return byHost[host] ?? { orderLimits: [], replacementsAreFree: false };
}

/**
 * When the next order fits. `nthNewest`: when the `count`-th newest order was made that a limit counts; the room it
 * took comes back when it is `withinMs` old.
 */
export function orderFitsAt(
  limits: readonly { readonly limit: OrderLimit; readonly nthNewest: Date | undefined }[],
  now: Date,
): Date {
  const times = limits.flatMap(({ limit, nthNewest }) =>
    nthNewest === undefined ? [] : [nthNewest.getTime() + limit.withinMs],
  );
  return new Date(Math.max(now.getTime(), ...times));
}
