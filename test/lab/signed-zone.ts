import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Lab } from './lab.js';
import { runTool } from './run-tool.js';
import { absolute } from './zone-line.js';

/** The keys of one zone, made and used by BIND's own tools. */
export interface ZoneKeys {
  readonly zone: string;
  /** For the zone above: `example.org. IN DS 4711 13 2 ABCD…` */
  readonly ds: readonly string[];
  /** The key that the DS records stand for, as a trust anchor: `example.org. IN DNSKEY 257 3 13 …` */
  readonly anchor: string;
  /** The zone file with keys, signatures and the proofs of what is not there. */
  sign(text: string, times?: SigningTimes): Promise<string>;
}

export interface SigningTimes {
  /** From an hour ago unless said. */
  readonly from?: Date;
  /** Thirty days unless said. */
  readonly to?: Date;
}

/** As dnssec-keygen knows them. */
export type SigningAlgorithm =
  'RSASHA256' | 'RSASHA512' | 'ECDSAP256SHA256' | 'ECDSAP384SHA384' | 'ED25519' | 'ED448';

export interface KeyOptions {
  readonly algorithm?: SigningAlgorithm;
  /** One DS record for each. */
  readonly digests?: readonly ('SHA-1' | 'SHA-256' | 'SHA-384')[];
}

export async function makeZoneKeys(
  lab: Lab,
  zone: string,
  { algorithm = 'ECDSAP256SHA256', digests = ['SHA-256'] }: KeyOptions = {},
): Promise<ZoneKeys> {
  const place = await lab.makeDirectory(`keys-${zone}`);
  const size = algorithm.startsWith('RSA') ? ['-b', '2048'] : [];
  const generate = async (...words: readonly string[]): Promise<string> => {
    const args = ['-q', '-K', place, '-a', algorithm, ...size, ...words, zone];
    return (await runTool('dnssec-keygen', args)).trim();
  };
  const top = join(place, `${await generate('-f', 'KSK')}.key`);
  await generate();
  const ds: string[] = [];
  for (const digest of digests)
    ds.push((await runTool('dnssec-dsfromkey', ['-a', digest, top])).trim());
  const anchor = (await readFile(top, 'utf8')).split('\n').find((line) => !line.startsWith(';'));
  return {
    zone,
    ds,
    anchor: anchor ?? '',
    async sign(text, { from, to } = {}) {
      const file = join(place, 'zone');
      await writeFile(file, text);
      const times = [
        ...(from === undefined ? [] : ['-s', stamp(from)]),
        ...(to === undefined ? [] : ['-e', stamp(to)]),
      ];
      // -P: signatures that are over, or not yet, are what some tests are for.
      const how = ['-S', '-P', '-q', '-j', '0', '-K', place, '-d', place, '-o', absolute(zone)];
      await runTool('dnssec-signzone', [...how, ...times, '-f', `${file}.signed`, file]);
      return readFile(`${file}.signed`, 'utf8');
    },
  };
}

/** YYYYMMDDHHMMSS in UTC. */
function stamp(time: Date): string {
  return time
    .toISOString()
    .replace(/\.\d+Z$/, '')
    .replaceAll(/\D/g, '');
}
