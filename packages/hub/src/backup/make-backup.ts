import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import type { Clock } from '@sixhub/base';
import { errorText, SixhubError } from '@sixhub/base';
import { parseHubConfig } from '../config/config.js';
import { namedFiles } from '../config/named-files.js';
import { statePaths } from '../config/paths.js';
import { snapshot } from '../store/snapshot.js';
import { KeyRing } from '../vault/key-ring.js';
import { readMasterKeys } from '../vault/master-keys.js';
import { version } from '../version.js';
import type { Contents, NamedFile } from './contents.js';
import { takeInventory, type Inventory } from './inventory.js';
import { withoutKeys, withoutPasswords } from './without-keys.js';

export interface MadeBackup {
  readonly contents: Contents;
  readonly inventory: Inventory;
}

/**
 * All that a hub is, as it is at this moment, in memory; the hub may run.
 *
 * hub.db is read before acme-dns.db, and that order is what makes them fit: an acme-dns account is durable before its
 * delegation is written to hub.db, and is never removed by the hub. So every delegation of the first file has its
 * account in the second. An account whose delegation came in between is one that nobody has been told a CNAME for.
 */
export async function gather(
  config: { readonly file: string; readonly text: string },
  options: { readonly keys: boolean },
  clock: Clock,
): Promise<MadeBackup> {
  const read = parseHubConfig(config.file, config.text);
  const paths = statePaths(read);
  const { masterKeys, database } = await withItsKeys(paths);
  const ran = existsSync(paths.acmeDnsDatabase);
  const acmeDnsDatabase = ran ? snapshot(paths.acmeDnsDatabase) : undefined;
  const manifest = {
    version,
    madeAt: clock.now().toISOString(),
    host: hostname(),
    zone: read.acme_dns.domain,
    keys: options.keys,
  };
  const complete = { manifest, database, acmeDnsDatabase, masterKeys };
  // What can't be restored is found out now, while there still is a hub.
  const inventory = takeInventory(complete, new KeyRing(masterKeys));
  const named = await Promise.all(
    namedFiles(read)
      .filter(({ secret }) => options.keys || !secret)
      .map(readNamed),
  );
  const chosen = options.keys
    ? complete
    : {
        manifest,
        database: withoutKeys(database),
        acmeDnsDatabase: acmeDnsDatabase && withoutPasswords(acmeDnsDatabase),
        masterKeys: [],
      };
  return { contents: { ...chosen, config: config.text, named }, inventory };
}

/** More changes of the master key than this do not happen while one file is read. */
const tries = 5;

/** The key may be changed at any time: what was read between two equal looks at it belongs to it. */
async function withItsKeys(
  paths: ReturnType<typeof statePaths>,
): Promise<{ readonly masterKeys: readonly Uint8Array[]; readonly database: Buffer }> {
  const look = async (): Promise<readonly Uint8Array[]> => (await readMasterKeys(paths)).keys;
  let before = await look();
  for (let count = 0; count < tries; count++) {
    const database = snapshot(paths.database);
    const after = await look();
    if (text(before) === text(after)) return { masterKeys: inFileOrder(after), database };
    before = after;
  }
  throw new SixhubError({
    code: 'master-key',
    fact: 'the master key changes all the while',
    hint: 'Wait until `hub key rotate` is done, and try again.',
  });
}

function text(keys: readonly Uint8Array[]): string {
  return keys.map((key) => Buffer.from(key).toString('hex')).join();
}

/** As they are called on disk: master.key, then master.key.next. */
function inFileOrder(keys: readonly Uint8Array[]): readonly Uint8Array[] {
  return keys.toReversed();
}

async function readNamed(file: { path: string; secret: boolean }): Promise<NamedFile> {
  try {
    return { ...file, content: await readFile(file.path) };
  } catch (error) {
    throw new SixhubError({
      code: 'named-file-unreadable',
      fact: `${file.path}, which hub.toml names, can't be read: ${errorText(error)}`,
      hint: 'The hub does not work without it, so a backup needs it too. Put it back, or correct hub.toml.',
    });
  }
}
