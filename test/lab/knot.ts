import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startDaemon, type Daemon } from './daemon.js';
import { logSays } from './fact.js';
import type { Lab } from './lab.js';
import type { Network } from './network.js';
import { programFile } from './program-file.js';

export interface KnotOptions {
  readonly zone: string;
  /** The zone file's text. */
  readonly text: string;
  readonly address: string;
  readonly port: number;
  readonly network?: Network;
}

/** Knot with one zone and one worker for each transport: the authoritative server that ours is measured against. */
export async function startKnot(lab: Lab, options: KnotOptions): Promise<Daemon> {
  const place = await lab.makeDirectory('knot');
  const config = join(place, 'knot.conf');
  await writeFile(join(place, 'zone'), options.text);
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

function render(place: string, { zone, address, port }: KnotOptions): string {
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
  - domain: ${zone}
    file: ${join(place, 'zone')}
    zonefile-sync: -1
    journal-content: none
`;
}
