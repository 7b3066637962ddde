import { createHash } from 'node:crypto';
import {
  readConfig,
  type ConfigComplaint,
  type ConfigIssue,
  type ConfigSchema,
} from '@sixhub/base/config';
import type { Complaint } from '../domain/complaint.js';
import { contradictions } from '../domain/consistency.js';
import { estateContradictions } from '../domain/estate.js';
import { releases, type Host } from '../domain/host.js';
import { formatNetwork, parseNetwork } from '../domain/ip-network.js';
import type { Digest } from '../domain/stable-address.js';
import { describeHost } from './describe.js';
import { hostToml, type HostToml } from './host-toml.js';

/** What host.toml says, as far as it can be understood, and everything that is wrong with it, in the order of its lines. */
export interface Estate {
  readonly hosts: readonly Host[];
  readonly complaints: readonly ConfigComplaint[];
  readonly lineOf: (path: readonly PropertyKey[]) => number;
}

export const sha256: Digest = (text) => createHash('sha256').update(text).digest();

export function readEstate(file: string, text: string): Estate {
  let hosts: readonly Host[] = [];
  const reading = readConfig(
    file,
    text,
    whole((found) => (hosts = found)),
  );
  const complaints = reading.kind === 'read' ? [] : [...reading.complaints];
  complaints.sort((one, other) => one.line - other.line);
  return { hosts, complaints, lineOf: reading.lineOf };
}

/**
 * The shape, and what the parts contradict in each other, in one answer: what the shape refuses is taken out, and the rest
 * judged all the same, so that nobody corrects one line a run.
 */
function whole(understood: (hosts: readonly Host[]) => void): ConfigSchema<undefined> {
  const schema = {
    shape: hostToml.shape,
    safeParse(value: unknown) {
      const { table, issues } = lenient(value);
      const judged = judge(table);
      understood(judged.hosts);
      const all = [...issues, ...judged.complaints.map(asIssue)];
      if (all.length === 0) return { success: true as const, data: undefined };
      return { success: false as const, error: { issues: all } };
    },
  };
  return schema;
}

function judge(table: HostToml): { hosts: readonly Host[]; complaints: readonly Complaint[] } {
  const described = Object.entries(table.host).map(([name, host]) =>
    describeHost(name, host, sha256),
  );
  const hosts = described.map(({ host }) => host);
  return {
    hosts,
    complaints: [
      ...described.flatMap(({ complaints, host }) => [...complaints, ...contradictions(host)]),
      ...estateContradictions(hosts),
    ],
  };
}

function asIssue({ path, message }: Complaint): ConfigIssue {
  return { code: 'custom', path, message };
}

/** Of a value of another kind; what a key itself says of a wrong value goes before. */
function inPlainWords(issue: {
  readonly code?: string;
  readonly input?: unknown;
}): string | undefined {
  if (issue.code !== 'invalid_type') return undefined;
  if (issue.input === undefined) return 'is missing';
  const expected: unknown = Reflect.get(issue, 'expected');
  return kinds[String(expected)];
}

const kinds: Readonly<Record<string, string>> = {
  number: 'must be a whole number, without quotes',
  int: 'must be a whole number, without quotes',
  boolean: 'must be true or false, without quotes',
  string: 'must be a text in quotes',
  array: 'must be a list, like ["…", "…"]',
  object: 'must be a table of its own',
  record: 'must be a table of its own',
};

function lenient(value: unknown): { table: HostToml; issues: readonly ConfigIssue[] } {
  const copy = structuredClone(value);
  const first = hostToml.safeParse(copy, { error: inPlainWords });
  if (first.success) return { table: first.data, issues: emptyFile(first.data) };
  let issues: readonly ConfigIssue[] = first.error.issues;
  // What goes may have been needed by what holds it: that goes, too, at most up to the host.
  for (let depth = 0; depth < 6; depth++) {
    // Last first, since what leaves an array moves what is behind it.
    for (const issue of [...issues].reverse()) {
      if (!standIn(copy, issue.path)) removeRefused(copy, issue);
    }
    const again = hostToml.safeParse(copy, { error: inPlainWords });
    if (again.success) return { table: again.data, issues: first.error.issues };
    issues = again.error.issues;
  }
  return { table: { host: {} }, issues: first.error.issues };
}

/** For what every host needs, so that the rest of the host is still judged where it alone is wrong. */
function standIn(value: unknown, path: readonly PropertyKey[]): boolean {
  const [, , ...key] = path;
  const holder = key.slice(0, -1).reduce(entry, entry(entry(value, path[0]), path[1]));
  if (typeof holder !== 'object' || holder === null) return false;
  const last = key.at(-1);
  if (key.join('.') === 'release') return Reflect.set(holder, 'release', releases[0]);
  if (key.join('.') !== 'ipv6.network' || last === undefined) return false;
  const parsed = parseNetwork(String(entry(holder, last)));
  if (parsed.kind !== 'host-bits' || parsed.network.family !== 6) return false;
  return Reflect.set(holder, last, formatNetwork(parsed.network));
}

function entry(holder: unknown, key: PropertyKey | undefined): unknown {
  if (typeof holder !== 'object' || holder === null || key === undefined) return undefined;
  return Reflect.get(holder, key);
}

function emptyFile(table: HostToml): readonly ConfigIssue[] {
  if (Object.keys(table.host).length > 0) return [];
  return [
    {
      path: ['host'],
      message: 'describes no host; begin with [host.NAME], or run `hostcore init`',
    },
  ];
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
