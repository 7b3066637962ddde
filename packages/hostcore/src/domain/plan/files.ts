import type { Facts } from '../facts.js';
import type { Host } from '../host.js';
import { masked } from '../masked.js';
import { bodyOf, ownership } from '../origin.js';
import { modeChange } from './modes.js';
import type { RenderedFile, Taker } from '../rendered.js';
import type { Loss } from '../said.js';
import type { Digest } from '../stable-address.js';
import { diffLines, diffWords } from '../text-diff.js';
import { lostAskers } from './askers.js';
import { isRewriting, whyNot } from './rewriting.js';
import { setAside, type SetAside } from './set-aside.js';
import { unboundBeside } from './unbound-beside.js';

/** What becomes of a file. Nothing of somebody else's is lost: it is kept beside, under its name and `keptSuffix`. */
export interface FileChange {
  readonly path: string;
  readonly action: 'create' | 'change' | 'replace' | 'remove' | 'set-aside';
  /** It was ours, and somebody has edited it since: a person decides. */
  readonly edited: boolean;
  readonly why: string;
  readonly diff: readonly string[];
  readonly taker: Taker;
  /** What it says, and host.toml does not. */
  readonly lost?: readonly Loss[];
  /** Of what is rendered. */
  readonly mode?: number;
}

export const keptSuffix = '.before-hostcore';

export function planFiles(
  host: Host,
  rendered: readonly RenderedFile[],
  facts: Facts,
  digest: Digest,
): readonly FileChange[] {
  const read = rendered.filter(({ beside }) => beside === undefined || facts.files.has(beside));
  const wanted = new Set(rendered.map(({ path }) => path));
  const changes = read.flatMap((file): readonly FileChange[] => {
    const found = planned(file, facts.files.get(file.path), digest);
    if (found.length === 0) return modeChange(file, facts.modes?.get(file.path));
    return found.map((one) => ({
      ...(file.path === bindOptions ? withLosses(one, host, facts) : one),
      mode: file.mode,
    }));
  });
  const isGuest = ({ path }: FileChange): boolean => path.startsWith('/etc/sixhub/guests/');
  return [
    ...changes.filter((file) => !isGuest(file)),
    ...[...facts.files].flatMap(([path, text]) =>
      wanted.has(path) ? [] : leftOver(path, text, digest),
    ),
    ...putAside(host, facts, digest),
    ...macRewriting(host, facts),
    // Nothing on the host depends on them.
    ...changes.filter(isGuest),
  ];
}

const bindOptions = '/etc/bind/named.conf.options';

function withLosses(change: FileChange, host: Host, facts: Facts): FileChange {
  const lost = lostAskers(host, facts);
  return lost.length === 0 ? change : { ...change, lost };
}

function planned(
  file: RenderedFile,
  present: string | undefined,
  digest: Digest,
): readonly FileChange[] {
  const { path, taker, purpose: why } = file;
  if (file.kind === 'block') return plannedBlock(file, present ?? '', digest);
  if (present === undefined) {
    const diff = diffLines('', bodyOf(file.text));
    return [{ ...{ path, why, taker, diff }, action: 'create', edited: false }];
  }
  const whose = ownership(present, digest);
  if (whose === 'foreign' && !path.includes('sixhub')) {
    // Somebody else's indentation is no difference: none of these is YAML.
    const diff = diffWords(present, bodyOf(file.text)).map((line) =>
      line.startsWith('-') ? masked(line) : line,
    );
    return [{ ...{ path, why, taker, diff }, action: 'replace', edited: false }];
  }
  // Nobody else writes under our name: a file there without our lines has lost them.
  const edited = whose !== 'ours';
  if (!edited && bodyOf(present) === bodyOf(file.text)) return [];
  const diff = diffLines(bodyOf(present), bodyOf(file.text));
  return [{ ...{ path, why, taker, diff, edited }, action: 'change' }];
}

/** Our lines in a file that is everybody's, between two marks. */
export function withBlock(present: string, text: string, instead?: RegExp): string {
  const rest = present.replace(blockPattern, '');
  if (instead !== undefined) {
    const silenced = rest.replaceAll(instead, '# hostcore: ');
    if (silenced !== rest) return withBlock(silenced, text);
  }
  const lines = text.replace(/\n$/, '');
  const block = `# >>> hostcore\n${lines}\n# <<< hostcore\n`;
  const old = blockPattern.exec(present);
  if (old !== null) return present.replace(blockPattern, () => block);
  return `${present}${present === '' || present.endsWith('\n') ? '' : '\n'}${block}`;
}

const blockPattern = /^# >>> hostcore\n([\s\S]*?)^# <<< hostcore\n/m;

function plannedBlock(file: RenderedFile, present: string, digest: Digest): readonly FileChange[] {
  const { path, taker, purpose: why } = file;
  const old = blockPattern.exec(present)?.[1];
  if (old === undefined && file.already?.test(present) === true) return [];
  if (old !== undefined && bodyOf(old) === bodyOf(file.text)) {
    // A line that came to stand beside ours since is silenced, too.
    const beside = present.replace(blockPattern, '');
    const rival = file.instead !== undefined && beside.replaceAll(file.instead, '#') !== beside;
    if (ownership(old, digest) === 'ours' && !rival) return [];
  }
  const edited = old !== undefined && ownership(old, digest) !== 'ours';
  const diff = diffLines(present, withBlock(present, file.text, file.instead));
  return [{ ...{ path, why, taker, diff, edited }, action: 'change' }];
}

/** Ours by its own words, and no longer of the description. */
function leftOver(path: string, text: string, digest: Digest): readonly FileChange[] {
  const whose = ownership(text, digest);
  if (whose === 'foreign' || blockPattern.test(text)) return [];
  return [
    {
      ...{ path, action: 'remove', edited: whose === 'edited' },
      why: 'hostcore made it, and host.toml has no more use for it',
      diff: diffLines(bodyOf(text), ''),
      taker: { kind: 'none' },
    },
  ];
}

function putAside(host: Host, facts: Facts, digest: Digest): readonly FileChange[] {
  const aside = (taker: Taker, { path, why, lost }: SetAside): FileChange => ({
    ...{ path, action: 'set-aside', edited: false, lost },
    why: `${why}; kept as ${path}${keptSuffix}`,
    ...{ diff: [], taker },
  });
  return [
    ...setAside(host, facts, digest).map((one) =>
      aside({ kind: 'network', manager: host.manager }, one),
    ),
    ...unboundBeside(host, facts).map((one) =>
      aside({ kind: 'service', unit: 'unbound.service', how: 'restart' }, one),
    ),
  ];
}

export function withoutMacRewriting(text: string): string {
  return text
    .split('\n')
    .map((line) => (isRewriting(line) ? `# hostcore: ${line}` : line))
    .join('\n');
}

/** The guide's line in rc.local; ours is limited to the card, and the other modes need none. */
function macRewriting(host: Host, facts: Facts): readonly FileChange[] {
  const path = '/etc/rc.local';
  const text = facts.files.get(path);
  if (text === undefined) return [];
  const changed = withoutMacRewriting(text);
  if (changed === text) return [];
  const why = whyNot(host);
  return [
    {
      ...{ path, action: 'change', edited: false, why },
      diff: diffLines(text, changed, 0),
      taker: { kind: 'none' },
    },
  ];
}
