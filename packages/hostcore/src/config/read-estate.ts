import { createHash } from 'node:crypto';
import { nearest } from '@sixhub/base';
import type { ConfigComplaint } from '@sixhub/base/config';
import type { Complaint } from '../domain/complaint.js';
import { contradictions } from '../domain/consistency.js';
import { estateContradictions } from '../domain/estate.js';
import type { Host } from '../domain/host.js';
import type { Digest } from '../domain/stable-address.js';
import { describeHost } from './describe.js';
import { entry } from './entry.js';
import type { HostToml } from './host-toml.js';
import { readLeniently } from './lenient.js';
import { missing, refusalsOf, type Refusal } from './refusal.js';
import { readTomlFile } from './toml-file.js';

/** What host.toml says, as far as it can be understood, and everything that is wrong with it, in the order of its lines. */
export interface Estate {
  /** The file as it stands. */
  readonly text: string;
  readonly hosts: readonly Host[];
  readonly complaints: readonly EstateComplaint[];
  readonly lineOf: (path: readonly PropertyKey[]) => number;
  /** Whether a key could not be taken as it stands: what is said of its stand-in is not worth telling. */
  readonly isDoubtful: (path: readonly PropertyKey[]) => boolean;
}

export interface EstateComplaint extends ConfigComplaint {
  readonly remedy: string;
}

export const sha256: Digest = (text) => createHash('sha256').update(text).digest();

export function readEstate(file: string, text: string): Estate {
  const { value, lineOf, faults, lost } = readTomlFile(file, text);
  const { hosts, complaints, doubtful } = value === undefined ? nothing : understand(value, lost);
  const told = complaints.map(({ path, message, remedy }) => {
    const key = path.filter((step) => typeof step !== 'number').map(String);
    const prefix = message.startsWith('there is no setting') ? '' : `${key.join('.')}: `;
    return { line: lineOf(path), text: `${prefix}${message}`, remedy };
  });
  return {
    ...{ text, hosts },
    complaints: [...faults, ...told].map(printable).sort((one, other) => one.line - other.line),
    lineOf,
    isDoubtful: (path) => doubtful.some((one) => begins(one, path)),
  };
}

/** What stands in the file must not move the terminal that shows it. */
function printable({ line, text, remedy }: EstateComplaint): EstateComplaint {
  const shown = (one: string): string => one.replaceAll(/\p{Cc}/gu, '\uFFFD');
  return { line, text: shown(text), remedy: shown(remedy) };
}

/** One sentence for who shows no remedies apart. */
export function inOneLine({ line, text, remedy }: EstateComplaint): ConfigComplaint {
  return { line, text: `${text}. ${remedy}` };
}

type Path = readonly PropertyKey[];

interface Understood {
  readonly hosts: readonly Host[];
  readonly complaints: readonly Complaint[];
  readonly doubtful: readonly Path[];
}

const nothing: Understood = { hosts: [], complaints: [], doubtful: [] };

function understand(value: unknown, lost: readonly Path[]): Understood {
  if (lacksName(value)) return unnamed(value, lost);
  const misspelt = hostsUnder(value);
  if (misspelt !== undefined) return renamed(value, misspelt, lost);
  const { table, issues } = readLeniently(value);
  const isEmpty = Object.keys(Object(entry(value, ['host']))).length === 0;
  const refusals = issues
    .filter(({ path }) => !isEmpty || path.join('.') !== 'host')
    .flatMap((issue) => refusalsOf(issue, value));
  const doubtful = [...lost, ...refusals.flatMap(({ taints }) => taints)].flatMap((path) =>
    ofEachHost(path, Object.keys(table.host)),
  );
  const { hosts, complaints } = judge(table);
  const isNews = ({ path, against = [] }: Complaint): boolean =>
    !doubtful.some(
      (one) =>
        begins(one, path) || against.some((other) => begins(one, other) || begins(other, one)),
    );
  return {
    ...{ hosts, doubtful },
    complaints: [
      ...(isEmpty && lost.length === 0 ? [emptyFile] : []),
      ...refusals.filter((one) => !isFollowUp(one, refusals, lost)),
      ...complaints.filter(isNews),
    ],
  };
}

const emptyFile: Complaint = {
  path: ['host'],
  message: 'describes no host',
  remedy: 'Begin with [host.NAME], or let `hostcore adopt` or `hostcore init` write it.',
};

/** `[hosts.merlin]`, `[Host.merlin]`. */
function hostsUnder(value: unknown): string | undefined {
  if (entry(value, ['host']) !== undefined) return undefined;
  return Object.keys(Object(value)).find((key) => nearest(key, ['host']) !== undefined);
}

function renamed(value: unknown, key: string, lost: readonly Path[]): Understood {
  const { [key]: hosts, ...rest } = Object(value);
  const { complaints } = understand({ ...rest, host: hosts }, lost);
  const moved = complaints.map((one) => ({
    ...one,
    path: one.path[0] === 'host' ? [key, ...one.path.slice(1)] : one.path,
  }));
  const remedy = `Write [host.NAME] for [${key}.NAME], in each header alike.`;
  const message = `there is no setting '${key}'`;
  return { ...nothing, complaints: [{ path: [key], message, remedy }, ...moved] };
}

/** `[host.uplink]` for `[host.merlin.uplink]`. */
function lacksName(value: unknown): boolean {
  const direct = [['release'], ['uplink', 'device'], ['ipv6', 'network']];
  return direct.some((path) => typeof entry(value, ['host', ...path]) === 'string');
}

/** Judged as if it had a name, so that what else is wrong is told as well. */
function unnamed(value: unknown, lost: readonly Path[]): Understood {
  const named = { ...Object(value), host: { name: entry(value, ['host']) } };
  const { complaints } = understand(named, lost);
  return {
    ...nothing,
    complaints: [
      {
        path: ['host'],
        message: 'the host has no name',
        remedy:
          'Write [host.NAME] for [host], and [host.NAME.uplink] for [host.uplink], in each header alike.',
      },
      ...complaints.map((one) => ({
        ...one,
        path: one.path[0] === 'host' ? ['host', ...one.path.slice(2)] : one.path,
      })),
    ],
  };
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

/** What is missing for no other reason than that it was misspelt, misplaced or in a line that could not be read. */
function isFollowUp(
  { path, message }: Refusal,
  all: readonly Refusal[],
  lost: readonly Path[],
): boolean {
  if (message !== missing) return false;
  const others = all.filter((one) => one.path !== path).flatMap(({ taints }) => taints);
  return [...others, ...lost].some((one) => begins(one, path) || begins(path, one));
}

/** Outside of every host it was meant for each. */
function ofEachHost(path: Path, names: readonly string[]): readonly Path[] {
  if (path[0] === 'host') return [path];
  return [path, ...names.map((name) => ['host', name, ...path])];
}

/** In any case: `[host.merlin.vm.Hub]` is what `to = "hub"` means. */
function begins(start: Path, path: Path): boolean {
  return start.every(
    (step, index) => String(step).toLowerCase() === String(path[index]).toLowerCase(),
  );
}
