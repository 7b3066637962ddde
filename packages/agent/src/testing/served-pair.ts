import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { command, type ServedFiles } from './mail-daemon.js';

/** A self-signed certificate, its key, and both in one file, the key first. */
export interface ServedPair extends ServedFiles {
  readonly whole: string;
}

export async function makePair(
  directory: string,
  name: string,
  keyType: 'ec' | 'rsa' = 'ec',
): Promise<ServedPair> {
  const path = (end: string): string => join(directory, `${name}-${keyType}${end}`);
  const pair = { certificate: path('.pem'), privateKey: path('.key'), whole: path('-whole.pem') };
  const key = keyType === 'ec' ? ['ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'] : ['rsa:2048'];
  await command([
    ...['openssl', 'req', '-x509', '-nodes', '-newkey', ...key, '-subj', `/CN=${name}`],
    ...['-days', '9', '-keyout', pair.privateKey, '-out', pair.certificate],
  ] as const);
  const parts = await Promise.all(
    [pair.privateKey, pair.certificate].map((file) => readFile(file, 'utf8')),
  );
  await writeFile(pair.whole, parts.join(''), { mode: 0o600 });
  return pair;
}
