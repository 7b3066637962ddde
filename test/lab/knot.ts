import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { acmeDnsZone } from './acme-dns.js';
import { startDaemon, type Daemon } from './daemon.js';
import { logSays } from './fact.js';
import type { Lab } from './lab.js';
import type { Network } from './network.js';
import { programFile } from './program-file.js';

export interface KnotOptions {
  readonly address: string;
  readonly port: number;
  /** Lines of the zone file beside those that the zone has in acme-dns, too. */
  readonly records: readonly string[];
  readonly serial?: number;
  /** The name server's address in the zone; Knot's own unless said. */
  readonly glue?: string;
  readonly network?: Network;
}

/**
 * Knot with the zone of the lab's acme-dns and one worker for each transport: the authoritative server that ours is
 * measured against.
 */
export async function startKnot(lab: Lab, options: KnotOptions): Promise<Daemon> {
  const place = await lab.makeDirectory('knot');
  const config = join(place, 'knot.conf');
  await writeFile(join(place, 'zone'), zoneFile(options));
  await writeFile(config, render(place, options));
  const plain = [programFile('knotd', 'knot'), ['-c', config]] as const;
  const [program, args] = options.network?.inside(...plain) ?? plain;
  return lab.own(
    await startDaemon({
      name: 'knot',
      program,
      args,
      logFile: join(place, 'log'),
      ready: logSays(/server started/),
      readyWithinMs: 30_000,
    }),
  );
}

function zoneFile({ address, glue = address, records, serial = 1 }: KnotOptions): string {
  return [
    `@ 10 SOA ns.${acmeDnsZone}. admin.beispiel.test. ${serial} 28800 7200 604800 10`,
    `@ 3600 NS ns.${acmeDnsZone}.`,
    `ns 3600 A ${glue}`,
    ...records,
    '',
  ].join('\n');
}

function render(place: string, { address, port }: KnotOptions): string {
  return `server:
    listen: ${address}@${port}
    rundir: ${place}
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
log:
  - target: stderr
    any: info
database:
    storage: ${place}
zone:
  - domain: ${acmeDnsZone}
    file: ${join(place, 'zone')}
    zonefile-sync: -1
    journal-content: none
`;
}
