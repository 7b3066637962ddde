import { join, resolve } from 'node:path';
import { certificatesOf, dnsNamesOf } from '@sixhub/wire';
import type { ReaderParts } from '../reader-parts.js';
import type { Bind } from './bind.js';
import { parseCrtList } from './crt-list.js';

/** A certificate as HAProxy holds it for a bind line, in the order of loading. */
export interface Loaded {
  readonly path: string;
  readonly where: string;
  readonly key: 'ecdsa' | 'rsa' | 'other';
  /** What it is for, lower case: its crt-list's filters, else the names in it. */
  readonly names: readonly string[];
  /** Whether it is said to be what is shown when nothing fits: by `default-crt`, or by a filter of `*`. */
  readonly fallback: 'named' | 'filtered' | undefined;
}

export interface Places {
  /** Where relative paths begin. */
  readonly directory: string;
  /** `crt-base`: where relative certificates' paths begin. */
  readonly base: string;
}

interface Wanted {
  readonly path: string;
  readonly where: string;
  readonly filters: readonly string[];
  readonly fallback: Loaded['fallback'];
}

/** Undefined where one of them can't be read: what it is for is not known then, nor what the others are left with. */
export async function loadCertificates(
  { files }: Pick<ReaderParts, 'files'>,
  bind: Bind,
  places: Places,
): Promise<readonly Loaded[] | undefined> {
  const wanted: Wanted[] = [];
  const inBase = (path: string): string => resolve(places.directory, places.base, path);
  for (const { kind, path } of bind.certificates) {
    // `@store/name` is of a crt-store (HAProxy 3.0), which is not read here.
    if (path === undefined || path.startsWith('@')) return undefined;
    if (kind === 'crt-list') {
      const list = resolve(places.directory, path);
      const text = await files.read(list).catch(() => undefined);
      if (text === undefined) return undefined;
      wanted.push(
        ...parseCrtList(text).map(({ path, filters, line }) => ({
          path: inBase(path),
          where: `${list}:${line}`,
          filters,
          fallback: filters.includes('*') ? ('filtered' as const) : undefined,
        })),
      );
    } else {
      const { where } = bind;
      wanted.push({
        path: inBase(path),
        where,
        filters: [],
        fallback: kind === 'default-crt' ? 'named' : undefined,
      });
    }
  }
  const loaded: Loaded[] = [];
  for (const each of wanted) {
    const found = await loadPath(files, each);
    if (found.length === 0) return undefined;
    loaded.push(...found);
  }
  return loaded;
}

/** A file, a directory of files, or the base of a bundle (manual, §3.1, ssl-load-extra-files). */
async function loadPath(files: ReaderParts['files'], wanted: Wanted): Promise<readonly Loaded[]> {
  const names = await files.list(wanted.path).catch(() => undefined);
  const alone = names === undefined ? await load(files, wanted) : undefined;
  if (alone !== undefined) return [alone];
  const paths =
    names === undefined
      ? ['dsa', 'ecdsa', 'rsa'].map((type) => `${wanted.path}.${type}`)
      : [...names]
          .filter(isLoaded)
          .sort()
          .map((name) => join(wanted.path, name));
  const loaded: Loaded[] = [];
  for (const path of paths) {
    const one = await load(files, { ...wanted, path });
    if (one !== undefined) loaded.push(one);
  }
  return loaded;
}

/** Manual, §5.1, crt: what belongs to a certificate is none itself. */
function isLoaded(name: string): boolean {
  return !name.startsWith('.') && !/\.(?:key|issuer|ocsp|sctl)$/.test(name);
}

async function load(
  files: ReaderParts['files'],
  { path, where, filters, fallback }: Wanted,
): Promise<Loaded | undefined> {
  try {
    const [certificate] = certificatesOf(await files.read(path));
    if (certificate === undefined) return undefined;
    const common = certificate.subject
      .split('\n')
      .filter((part) => part.startsWith('CN='))
      .map((part) => part.slice(3).toLowerCase());
    const names = filters.length > 0 ? filters : [...dnsNamesOf(certificate), ...common];
    return { path, where, key: keyOf(certificate.publicKey.asymmetricKeyType), names, fallback };
  } catch {
    return undefined; // HAProxy's own check is what says why
  }
}

function keyOf(type: string | undefined): Loaded['key'] {
  return type === 'ec' ? 'ecdsa' : type === 'rsa' ? 'rsa' : 'other';
}
