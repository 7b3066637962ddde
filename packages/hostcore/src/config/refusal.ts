import { nearest } from '@sixhub/base';
import type { ConfigIssue } from '@sixhub/base/config';
import type { Complaint } from '../domain/complaint.js';
import { entry } from './entry.js';
import { meantBy } from './values.js';
import { examples, homesOf, keyOf, keysOf } from './examples.js';

/** What the shape refuses of host.toml, with the right form; and which keys are not to be judged any further for it. */
export interface Refusal extends Complaint {
  readonly taints: readonly (readonly PropertyKey[])[];
}

/** Of a key that must be there. */
export const missing = 'is missing';

export function refusalsOf(issue: ConfigIssue, value: unknown): readonly Refusal[] {
  const { path, keys } = issue;
  if (issue.code === 'unrecognized_keys' && keys !== undefined) {
    const names = Object.keys(Object(entry(value, ['host'])));
    const host = String(path[1] ?? (names.length === 1 ? names[0] : 'NAME'));
    return keys.map((key) => unknownKey([...path, key], entry(value, path), host));
  }
  const found = entry(value, path);
  const written = found === undefined ? undefined : brief(found);
  const inner = innerMessage(issue);
  if (inner !== undefined) {
    const name = String(path.at(-1));
    const isLink = path.at(-2) === 'link';
    const meant = isLink
      ? name.replaceAll(/[^\w.-]+/g, '')
      : name.toLowerCase().replaceAll(/[^a-z0-9-]+/g, '-');
    const remedy = `Write [${[...path.slice(0, -1), meant].map(String).join('.')}].`;
    return [{ path, message: `'${name}' ${inner}`, remedy, taints: [path] }];
  }
  // What was meant is judged in its place.
  const taints = meantBy(issue) === undefined ? [path] : [];
  const isWhole = issue.message.startsWith("'") || path.at(-1) === 'seed';
  const message =
    written === undefined ? missing : isWhole ? issue.message : `${written} ${issue.message}`;
  return [{ path, message, remedy: remedyOf(issue, found), taints }];
}

function brief(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}

/** Zod wraps what a table's name is refused for. */
function innerMessage(issue: ConfigIssue): string | undefined {
  if (issue.code !== 'invalid_key') return undefined;
  const inner: unknown = Reflect.get(issue, 'issues');
  const first: unknown = Array.isArray(inner) ? inner[0] : undefined;
  const message: unknown =
    typeof first === 'object' && first !== null ? Reflect.get(first, 'message') : '';
  return String(message);
}

function unknownKey(path: readonly PropertyKey[], holder: unknown, host: string): Refusal {
  const key = String(path.at(-1));
  const above = path.slice(0, -1);
  const known = keysOf(above);
  const near = nearest(key, known);
  const isNear = near !== undefined && (near.startsWith(key) || key.startsWith(near));
  const homes = isNear ? [] : homesOf(key, host);
  const message = `there is no setting '${path.map(String).join('.')}'`;
  const header = (home: readonly PropertyKey[]): string => `[${home.map(String).join('.')}]`;
  const taken = { path, message };
  if (homes.length > 0) {
    const value =
      tomlOf(entry(holder, [key])) ?? examples[keyOf([...(homes[0] ?? []), key])] ?? '…';
    const isTable = value.startsWith('{');
    const where = homes.slice(0, 3).map(header).join(' or ');
    const remedy = isTable
      ? `Write ${homes.map((home) => header([...home, key])).join(' or ')} for ${header(path)}, in each header that begins so.`
      : `It belongs below ${where}: ${key} = ${value}`;
    return { ...taken, remedy, taints: [path, ...homes.map((home) => [...home, key])] };
  }
  if (near !== undefined) {
    const example = tomlOf(entry(holder, [key])) ?? examples[keyOf([...above, near])] ?? '…';
    const remedy = `Did you mean '${near}'? Write: ${near} = ${example}`;
    return {
      ...taken,
      remedy: example.startsWith('{')
        ? `Did you mean '${near}'? Write ${header([...above, near])} for ${header(path)}, in each header that begins so.`
        : remedy,
      taints: [path, [...above, near]],
    };
  }
  return { ...taken, remedy: `Take it away; known here: ${known.join(', ')}.`, taints: [path] };
}

/** The key as it is to be written: what was meant where that is plain, else an example. */
function remedyOf(issue: ConfigIssue, written: unknown): string {
  const key = keyOf(issue.path);
  const name = String(issue.path.findLast((step) => typeof step !== 'number') ?? 'host');
  const example = examples[key] ?? '{}';
  const header = `[${issue.path.map(String).join('.')}]`;
  if (written === undefined) {
    const table = issue.path.slice(0, -1).map(String).join('.');
    return `Add below [${table}]: ${name} = ${example}`;
  }
  if (issue.path.length === 1) {
    return 'Write [host.NAME], with the name of the host, as the header of the first table.';
  }
  if (key === 'route' && !Array.isArray(written)) {
    return `Write [${header}], with two brackets: there may be several.`;
  }
  if (key === 'vm' || key === 'link') {
    return `Write a table for each, with its name: [${issue.path.map(String).join('.')}.${key === 'vm' ? 'hub' : 'eth1'}].`;
  }
  if (example.startsWith('{')) return `Write ${header}, and its keys below.`;
  const meant = rightForm(issue, written, example);
  return meant === undefined ? `Write it like: ${name} = ${example}` : `Write: ${name} = ${meant}`;
}

function rightForm(issue: ConfigIssue, written: unknown, example: string): string | undefined {
  const meant = meantBy(issue);
  const inList = issue.path.some((step) => typeof step === 'number') && example.startsWith('["');
  if (meant !== undefined) return inList ? `["${meant}"]` : `"${meant}"`;
  if (typeof written !== 'string') return undefined;
  if (example.startsWith('["') && !inList) return JSON.stringify([written]);
  if (/^(true|false)$/.test(example)) {
    if (/^(yes|on|true|1)$/i.test(written)) return 'true';
    return /^(no|off|false|0)$/i.test(written) ? 'false' : undefined;
  }
  if (/^\d+$/.test(example)) {
    if (/^\d+$/.test(written)) return String(Number(written));
    const [, count, unit = ''] = /^(\d+) ?([gm])/i.exec(written) ?? [];
    const factor = unit.toLowerCase() === 'g' && issue.path.at(-1) === 'memory' ? 1024 : 1;
    return count === undefined ? undefined : String(Number(count) * factor);
  }
  const values: unknown = Reflect.get(issue, 'values');
  const near = Array.isArray(values) ? nearest(written, values.map(String)) : undefined;
  return near === undefined ? undefined : `"${near}"`;
}

/** As it stood in the file; a table only says that it is one. */
function tomlOf(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (Array.isArray(value))
    return value.every((one) => typeof one === 'string') ? JSON.stringify(value) : '{}';
  return typeof value === 'object' ? '{}' : JSON.stringify(value);
}
