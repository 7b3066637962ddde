import type { Facts } from './facts.js';
import type { Host } from './host.js';

/** Error: it will not work, or harms others. Warning: it works until something happens. Note: worth knowing. */
export type Severity = 'error' | 'warning' | 'note';

/** Of the facts, those without which a lint can't say anything, or not everything. */
export type Need = 'kernel' | 'rules' | 'packages' | 'release';

export interface Lint {
  readonly id: string;
  readonly severity: Severity;
  readonly needs?: readonly Need[];
  /** Why it matters, whatever is found. */
  readonly reason: string;
  readonly clause: string;
  readonly find: (host: Host, facts: Facts) => Iterable<Found>;
}

export interface Found {
  readonly fact: string;
  readonly remedy: string;
  /** Below the host's table in host.toml, where a key of it is to blame. */
  readonly path?: readonly PropertyKey[];
}

export interface Finding extends Found {
  readonly id: string;
  readonly severity: Severity;
  readonly reason: string;
  readonly clause: string;
}

const order: Readonly<Record<Severity, number>> = { error: 0, warning: 1, note: 2 };

export function lint(lints: readonly Lint[], host: Host, facts: Facts): readonly Finding[] {
  return lints
    .flatMap(({ find, id, severity, reason, clause }) =>
      Array.from(find(host, facts), (found) => ({ id, severity, reason, clause, ...found })),
    )
    .sort((one, other) => order[one.severity] - order[other.severity]);
}

export interface Unjudged {
  readonly need: Need;
  readonly ids: readonly string[];
}

/** What could not be judged, by what was missing for it: silence must not be taken for praise. */
export function unjudged(lints: readonly Lint[], facts: Facts): readonly Unjudged[] {
  const missing: Readonly<Record<Need, boolean>> = {
    kernel: facts.kernel === undefined,
    rules: facts.kernel !== undefined && facts.kernel.rules === undefined,
    packages: facts.packages === undefined,
    release: facts.release === undefined,
  };
  // Without a kernel there are no rules either: one reason is enough.
  const lacks = (row: Lint, need: Need): boolean =>
    row.needs?.some((one) => one === need || (need === 'kernel' && one === 'rules')) === true;
  return needs.flatMap((need) => {
    const ids = missing[need] ? lints.filter((row) => lacks(row, need)).map(({ id }) => id) : [];
    return ids.length === 0 ? [] : [{ need, ids }];
  });
}

const needs = ['kernel', 'rules', 'packages', 'release'] as const satisfies readonly Need[];
