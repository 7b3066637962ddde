import { X509Certificate } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { runProgram } from '@sixhub/base';
import { formatEndpoint } from '../domain/endpoint.js';
import type { Reading, Use } from '../domain/use.js';
import { fingerprintOf } from '../live/pem.js';
import type { ReaderParts } from '../services/reader-parts.js';
import { seeOnWire } from '../wire/see.js';

/** The machine itself. */
export const realParts: ReaderParts = {
  run: runProgram,
  files: { read: (path) => readFile(path, 'utf8'), list: (directory) => readdir(directory) },
};

/** Sorted lines of `certificate endpoint name`, short enough to be compared as a whole; paths as seen from `root`. */
export function linesOf(reading: Reading, root: string): readonly string[] {
  if (reading.kind === 'unread') return [`unread: ${reading.why}`];
  return reading.uses
    .map(({ certificate, endpoint, servername }) =>
      [relative(root, certificate), formatEndpoint(endpoint), servername ?? '-'].join(' '),
    )
    .sort();
}

/** Connects for each use as a client would: what is wrong with the reading, a line each; nothing where all of it is true. */
export async function mistakes(reading: Reading): Promise<readonly string[]> {
  if (reading.kind === 'unread') return [`unread: ${reading.why}`];
  const wrong: string[] = [];
  for (const use of reading.uses) {
    const { certificate, endpoint, servername, where } = use;
    const expected = new X509Certificate(await readFile(certificate));
    const alone = reading.uses.filter((other) => samePlace(use, other)).length === 1;
    const key = expected.publicKey.asymmetricKeyType === 'rsa' ? 'rsa' : 'ecdsa';
    const seen = await seeOnWire({ endpoint, servername, ...(alone ? {} : { key }) });
    if (seen.kind === 'served' && seen.fingerprint === fingerprintOf(expected)) continue;
    const what = seen.kind === 'served' ? 'another certificate' : seen.why;
    wrong.push(`${where}: ${formatEndpoint(endpoint)} ${servername ?? '-'} shows ${what}`);
  }
  return wrong;
}

function samePlace(one: Use, other: Use): boolean {
  return (
    one.servername === other.servername &&
    formatEndpoint(one.endpoint) === formatEndpoint(other.endpoint)
  );
}
