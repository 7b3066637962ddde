import type { Facts } from './facts.js';
import type { Host } from './host.js';

/** Error: it will not work, or harms others. Warning: it works until something happens. Note: worth knowing. */
export type Severity = 'error' | 'warning' | 'note';

export interface Lint {
  readonly id: string;
  readonly severity: Severity;
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
    .flatMap(({ find, ...row }) => Array.from(find(host, facts), (found) => ({ ...row, ...found })))
    .sort((one, other) => order[one.severity] - order[other.severity]);
}
