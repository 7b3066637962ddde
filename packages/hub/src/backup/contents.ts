import { exitCodes, SixhubError } from '@sixhub/base';
import { z } from 'zod';
import type { Entry } from './archive.js';

/**
 * What a backup consists of: a file a thing, under the names that the hub's state directory has them by, and
 * backup.json in front that says what it is. docs/backup.md describes them for who has to do without this program.
 */
export interface Contents {
  readonly manifest: Manifest;
  readonly config: string;
  readonly database: Buffer;
  /** A hub that never ran has none yet. */
  readonly acmeDnsDatabase: Buffer | undefined;
  /** The master key first; a second one while it is being changed. None in a backup without keys. */
  readonly masterKeys: readonly Uint8Array[];
  /** Files that hub.toml names, each with its path. */
  readonly named: readonly NamedFile[];
}

export interface NamedFile {
  readonly path: string;
  readonly secret: boolean;
  readonly content: Uint8Array;
}

/** Raised when a restore has to know something that an older program does not. */
const format = 1;

const manifestSchema = z.object({
  format: z.number(),
  /** The program that made it. */
  version: z.string(),
  madeAt: z.iso.datetime(),
  host: z.string(),
  zone: z.string(),
  /** False: made with --without-keys. */
  keys: z.boolean(),
  named: z.array(z.object({ entry: z.string(), path: z.string(), secret: z.boolean() })),
});
export type Manifest = Omit<z.infer<typeof manifestSchema>, 'format' | 'named'>;

const names = {
  manifest: 'backup.json',
  config: 'hub.toml',
  database: 'hub.db',
  acmeDnsDatabase: 'acme-dns.db',
  masterKeys: ['master.key', 'master.key.next'],
  named: (index: number): string => `named-${index}`,
} as const;

export function toEntries(contents: Contents): readonly Entry[] {
  const { manifest, config, database, acmeDnsDatabase, masterKeys, named } = contents;
  const listed = named.map(({ path, secret }, index) => ({
    entry: names.named(index),
    path,
    secret,
  }));
  const head = { format, ...manifest, named: listed };
  const text = (value: string): Uint8Array => Buffer.from(value);
  return [
    { name: names.manifest, mode: 0o600, content: text(`${JSON.stringify(head, null, 2)}\n`) },
    { name: names.config, mode: 0o640, content: text(config) },
    ...masterKeys.map((content, index) => ({
      name: names.masterKeys[index] ?? `master.key.${index}`,
      mode: 0o400,
      content,
    })),
    { name: names.database, mode: 0o600, content: database },
    ...(acmeDnsDatabase === undefined
      ? []
      : [{ name: names.acmeDnsDatabase, mode: 0o600, content: acmeDnsDatabase }]),
    ...named.map(({ content }, index) => ({ name: names.named(index), mode: 0o600, content })),
  ];
}

export function fromEntries(entries: readonly Entry[]): Contents {
  const find = (name: string): Buffer | undefined => {
    const entry = entries.find((one) => one.name === name);
    return (
      entry && Buffer.from(entry.content.buffer, entry.content.byteOffset, entry.content.length)
    );
  };
  const must = (name: string): Buffer => {
    const content = find(name);
    if (content === undefined) throw incomplete(name);
    return content;
  };
  const { format: found, named, ...manifest } = readManifest(must(names.manifest));
  if (found > format) throw newer(manifest.version);
  return {
    manifest,
    config: must(names.config).toString('utf8'),
    database: must(names.database),
    acmeDnsDatabase: find(names.acmeDnsDatabase),
    masterKeys: manifest.keys
      ? [must('master.key'), find('master.key.next')].filter((key) => key !== undefined)
      : [],
    named: named.map(({ entry, path, secret }) => ({ path, secret, content: must(entry) })),
  };
}

function readManifest(content: Buffer): z.infer<typeof manifestSchema> {
  try {
    return manifestSchema.parse(JSON.parse(content.toString('utf8')));
  } catch {
    throw incomplete(`a ${names.manifest} that can be read`);
  }
}

function incomplete(name: string): SixhubError {
  return new SixhubError({
    code: 'backup-foreign',
    fact: `the backup is not one of a hub: it has no ${name}`,
    hint: 'Is it a file that `hub backup` made? `age -d FILE | tar t` lists what is in it.',
  });
}

function newer(version: string): SixhubError {
  return new SixhubError({
    code: 'backup-newer',
    fact: `the backup was made by a newer Sixhub, ${version}`,
    hint: 'Install that version, or a newer one, and restore with it.',
    exit: exitCodes.usage,
  });
}
