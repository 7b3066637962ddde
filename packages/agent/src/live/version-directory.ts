import { createPrivateKey } from 'node:crypto';
import { open, mkdir, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errorText, syncDirectory, systemCode } from '@sixhub/base';
import type { TreeVersion } from '../domain/version.js';
import type { SoundBundle } from '../ports.js';
import { certificatesOf, fingerprintOf, notAfterOf } from './pem.js';

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

/** Writes all four files into `staging`, then gives it its name. Nothing is half there under `directory`, ever. */
export async function writeVersionDirectory(
  staging: string,
  directory: string,
  bundle: SoundBundle,
): Promise<void> {
  await mkdir(staging, { mode: 0o700 });
  await writeSynced(join(staging, 'privkey.pem'), bundle.privateKey, 0o600);
  await writeSynced(join(staging, 'cert.pem'), bundle.certificate, 0o644);
  await writeSynced(join(staging, 'chain.pem'), bundle.chain, 0o644);
  await writeSynced(join(staging, 'fullchain.pem'), bundle.certificate + bundle.chain, 0o644);
  await syncDirectory(staging);
  await rename(staging, directory);
  await syncDirectory(join(directory, '..'));
}

/** Private from its first instant; opened up to `mode`, whatever the umask, when it is complete. */
async function writeSynced(path: string, content: string, mode: number): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(content);
    await file.chmod(mode);
    await file.sync();
  } finally {
    await file.close();
  }
}
