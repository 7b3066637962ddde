import type { ConfigIssue } from '@sixhub/base/config';
import { hostToml, type HostToml } from './host-toml.js';
import { entry } from './entry.js';
import { meantBy } from './values.js';

/**
 * The table without what its shape refuses, so that the rest is judged in the same answer, and nobody corrects one line a
 * run. Where a host can't be without the refused, something stands in; whatever is judged by that is not told.
 */
export function readLeniently(value: unknown): { table: HostToml; issues: readonly ConfigIssue[] } {
  const copy = structuredClone(value);
  const first = hostToml.safeParse(copy, { error: inPlainWords });
  if (first.success) return { table: first.data, issues: [] };
  let issues: readonly ConfigIssue[] = first.error.issues;
  // What goes may have been needed by what holds it: that goes, too, at most up to the host.
  for (let depth = 0; depth < 6; depth++) {
    // Last first, since what leaves an array moves what is behind it.
    for (const [index, issue] of [...issues.entries()].reverse()) {
      // A table with a key too many is good without it.
      if (issue.keys !== undefined || !standIn(copy, issue, index)) removeRefused(copy, issue);
    }
    const again = hostToml.safeParse(copy, { error: inPlainWords });
    if (again.success) return { table: again.data, issues: first.error.issues };
    issues = again.error.issues;
  }
  return { table: { host: {} }, issues: first.error.issues };
}

/** Of a value of another kind; what a key itself says of a wrong value goes before. */
function inPlainWords(issue: {
  readonly code?: string;
  readonly input?: unknown;
}): string | undefined {
  if (issue.input === undefined) return 'is missing';
  if (issue.code === 'too_small') return `is less than ${String(Reflect.get(issue, 'minimum'))}`;
  if (issue.code === 'too_big') return `is more than ${String(Reflect.get(issue, 'maximum'))}`;
  if (issue.code !== 'invalid_type') return undefined;
  const expected: unknown = Reflect.get(issue, 'expected');
  return kinds[String(expected)];
}

const kinds: Readonly<Record<string, string>> = {
  number: 'is no whole number (it stands without quotes)',
  int: 'is no whole number (it stands without quotes)',
  boolean: 'is not true or false (they stand without quotes)',
  string: 'is no text in quotes',
  array: 'is no list',
  object: 'is no table',
  record: 'is no table',
};

/** Addresses of the documentation: nobody's, so that nothing else is like them. */
const standIns: Readonly<Record<string, (index: number) => unknown>> = {
  release: () => 'debian12',
  uplink: () => ({ device: 'uplink' }),
  'uplink.device': () => 'uplink',
  ipv6: () => ({ network: '3fff::/64' }),
  'ipv6.network': () => '3fff::/64',
  'ipv4.address': () => '192.0.2.2',
  'ipv4.gateway': () => '192.0.2.1',
  'vm.mac': (index) => `02:ff:ff:00:00:${(index % 256).toString(16).padStart(2, '0')}`,
};

function standIn(value: unknown, issue: ConfigIssue, index: number): boolean {
  const { path } = issue;
  const holder = entry(value, path.slice(0, -1));
  const last = path.at(-1);
  if (typeof holder !== 'object' || holder === null || last === undefined) return false;
  const key = path.slice(2).map(String);
  const name = key[0] === 'vm' && key.length === 3 ? `vm.${key[2]}` : key.join('.');
  const put = meantBy(issue) ?? standIns[name]?.(index);
  // What stood in once and was refused again is no help.
  return put !== undefined && entry(holder, [last]) !== put && Reflect.set(holder, last, put);
}

function removeRefused(value: unknown, issue: ConfigIssue): void {
  for (const key of issue.keys ?? []) remove(value, [...issue.path, key]);
  if (issue.keys === undefined) remove(value, issue.path);
}

/** The entry itself where it is there, else what should have had it. */
function remove(value: unknown, path: readonly PropertyKey[]): void {
  let holder: unknown = value;
  let last: (() => void) | undefined;
  for (const key of path) {
    if (typeof holder !== 'object' || holder === null || !(key in holder)) break;
    const from = holder;
    last = () => {
      if (Array.isArray(from)) from.splice(Number(key), 1);
      else Reflect.deleteProperty(from, key);
    };
    holder = Reflect.get(from, key);
  }
  last?.();
}
