import { createPrivateKey, createPublicKey, createHash, type KeyObject } from 'node:crypto';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { syncDirectory, systemCode, writeWhole } from '@sixhub/base';
import { createKey, kindOfKey } from '@sixhub/base/keys';
import { certificateName, type CertificateName, type KeyRequest } from '@sixhub/protocol';
import type { OwnKey, OwnKeys } from '../ports.js';

/**
 * Private keys that are made on this machine and never leave it. Until its certificate is installed a key lies in
 * STATE/keys/NAME/REQUEST.pem, readable by root alone; from then on only where the certificate is. One of which nothing
 * came lies there until another one is wanted: from here nobody can tell that nothing will.
 * It is on the disk before the hub hears of it, so that a run that is killed is taken up with the same key. The runs'
 * lock is held: what else lies there was left by one that was killed.
 */
export function openOwnKeys(state: string, live: string): OwnKeys {
  const all = join(state, 'keys');
  const of = (name: CertificateName): string => join(all, name);
  const pathOf = ({ certificate, id }: Pick<KeyRequest, 'certificate' | 'id'>): string =>
    join(of(certificate), `${id}.pem`);

  const kept = async (name: CertificateName): Promise<readonly string[]> =>
    (await entries(of(name)))
      .filter((file) => file.endsWith('.pem'))
      .map((file) => join(of(name), file));
  const placed = (name: CertificateName): string => join(live, name, 'privkey.pem');

  async function find(name: CertificateName, publicKey: string): Promise<OwnKey | undefined> {
    // What is installed: a version that keeps its key, or whose other files were damaged.
    for (const path of [...(await kept(name)), placed(name)]) {
      const key = await readKey(path);
      if (key?.publicKey === publicKey) return key;
    }
    return undefined;
  }

  return {
    find,
    async forRequest(request) {
      const path = pathOf(request);
      const earlier = await readKey(path);
      if (earlier !== undefined && kindOfKey(createPrivateKey(earlier.pem)) === request.key) {
        return earlier;
      }
      const former =
        request.keep === null ? undefined : await find(request.certificate, request.keep);
      const key = former ?? asOwnKey(await createKey(request.key));
      await mkdir(of(request.certificate), { recursive: true, mode: 0o700 });
      await writeWhole(path, key.pem, { mode: 0o600 });
      for (const directory of [all, state]) await syncDirectory(directory);
      return key;
    },
    discard: (request) => rm(pathOf(request), { force: true }),
    async names() {
      return (await entries(all)).flatMap((entry) => certificateName.safeParse(entry).data ?? []);
    },
    async isInPlace(name) {
      const installed = await readKey(placed(name));
      if (installed === undefined) return false;
      for (const path of await kept(name)) {
        if ((await readKey(path))?.publicKey === installed.publicKey) return true;
      }
      return false;
    },
    async keepOnly(name, requests) {
      const wanted = new Set(requests.map(({ id }) => `${id}.pem`));
      if (wanted.size === 0) {
        await rm(of(name), { recursive: true, force: true });
        return;
      }
      for (const entry of await entries(of(name))) {
        if (!wanted.has(entry)) await rm(join(of(name), entry), { force: true });
      }
    },
  };
}

async function entries(directory: string): Promise<readonly string[]> {
  return readdir(directory).catch((error: unknown) => {
    if (systemCode(error) !== 'ENOENT') throw error;
    return [];
  });
}

async function readKey(path: string): Promise<OwnKey | undefined> {
  const pem = await readFile(path, 'utf8').catch((error: unknown) => {
    const code = systemCode(error);
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error;
    return undefined;
  });
  if (pem === undefined) return undefined;
  try {
    return asOwnKey(pem);
  } catch {
    return undefined; // cut or edited: as good as missing
  }
}

function asOwnKey(pem: string): OwnKey {
  return { pem, publicKey: hashOf(createPublicKey(createPrivateKey(pem))) };
}

/** SHA-256 of the SubjectPublicKeyInfo, as the protocol has it. */
export function hashOf(key: KeyObject): string {
  return createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex');
}
