import { createPrivateKey } from 'node:crypto';
import { mkdir, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errorText, syncDirectory, systemCode } from '@sixhub/base';
import { certificatesOf, fingerprintOf, notAfterOf } from '@sixhub/wire';
import type { Rights } from '../domain/keeping.js';
import type { TreeVersion } from '../domain/version.js';
import type { SoundBundle } from '../ports.js';
import { grantDirectory } from './rights.js';
import { writeSynced } from './synced-file.js';

/** A directory with the four files of one version. It gets its name only when all four are on the disk. */

export type ReadDirectory =
  | { readonly kind: 'whole'; readonly version: TreeVersion }
  | { readonly kind: 'damaged'; readonly why: string };

/** Also reads what certbot made: its files are links, and are followed. */
export async function readVersionDirectory(
  directory: string,
  target: string,
): Promise<ReadDirectory> {
  try {
    const read = (file: string): Promise<string> =>
      readFile(join(directory, `${file}.pem`), 'utf8');
    const certificate = await read('cert');
    const chain = await read('chain');
    const fullchain = await read('fullchain');
    const key = await read('privkey');
    const [leaf] = certificatesOf(certificate);
    if (leaf === undefined) return damaged('there is no certificate in cert.pem');
    if (fullchain !== certificate + chain) {
      return damaged('fullchain.pem is not cert.pem and chain.pem together');
    }
    if (!leaf.checkPrivateKey(createPrivateKey(key))) {
      return damaged('privkey.pem does not belong to cert.pem');
    }
    if (((await stat(join(directory, 'privkey.pem'))).mode & 0o007) !== 0) {
      return damaged('privkey.pem is open to everyone on this machine');
    }
    const version = { target, fingerprint: fingerprintOf(leaf), notAfter: notAfterOf(leaf) };
    return { kind: 'whole', version };
  } catch (error) {
    const why =
      systemCode(error) === 'ENOENT' ? `a file is missing: ${errorText(error)}` : errorText(error);
    return damaged(why);
  }
}

function damaged(why: string): ReadDirectory {
  return { kind: 'damaged', why };
}

/**
 * Writes all four files into `staging`, then gives it its name. Nothing is half there under `directory`, ever, and
 * nothing is there before it belongs to whom agent.toml says.
 */
export async function writeVersionDirectory(
  staging: string,
  directory: string,
  bundle: SoundBundle,
  rights: Rights | undefined,
): Promise<void> {
  const open = { mode: 0o644, owner: rights };
  await mkdir(staging, { mode: 0o700 });
  await writeSynced(join(staging, 'privkey.pem'), bundle.privateKey, {
    mode: rights?.mode ?? 0o600,
    owner: rights,
  });
  await writeSynced(join(staging, 'cert.pem'), bundle.certificate, open);
  await writeSynced(join(staging, 'chain.pem'), bundle.chain, open);
  await writeSynced(join(staging, 'fullchain.pem'), bundle.certificate + bundle.chain, open);
  if (rights !== undefined) await grantDirectory(staging, rights);
  await syncDirectory(staging);
  await rename(staging, directory);
  await syncDirectory(join(directory, '..'));
}
