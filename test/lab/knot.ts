import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { acmeDnsZone } from './acme-dns.js';
import { startDaemon, type Daemon } from './daemon.js';
import { allOf, listensAtSocket, logSays } from './fact.js';
import type { Lab } from './lab.js';
import type { Network } from './network.js';
import { programFile } from './program-file.js';
import { runTool } from './run-tool.js';

export interface KnotZone {
  readonly zone: string;
  /** The zone file; what it says is served as it is, wrong signatures too. */
  readonly text: string;
  readonly address: string;
  readonly port: number;
  readonly network?: Network;
}

export interface Knot extends Daemon {
  /** Serves this zone file from now on, whatever its serial. */
  serve(text: string): Promise<void>;
}

/** Knot with one zone and one worker for each transport. */
export async function startKnotZone(lab: Lab, options: KnotZone): Promise<Knot> {
  const place = await lab.makeDirectory('knot');
  const config = join(place, 'knot.conf');
  const zone = join(place, 'zone');
  const socket = join(place, 'knot.sock');
  await writeFile(zone, options.text);
  await writeFile(config, render(place, zone, socket, options));
  const plain = [programFile('knotd', 'knot'), ['-c', config]] as const;
  const [program, args] = options.network?.inside(...plain) ?? plain;
  const daemon = lab.own(
    await startDaemon({
      name: 'knot',
      program,
      args,
      logFile: join(place, 'log'),
      ready: allOf(logSays(/server started/), listensAtSocket(socket)),
      readyWithinMs: 30_000,
    }),
  );
  return {
    ...daemon,
    async serve(text) {
      await writeFile(zone, text);
      await runTool('knotc', ['--socket', socket, '--blocking', 'zone-reload']);
    },
  };
}

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

/** Knot with the zone of the lab's acme-dns: the authoritative server that ours is measured against. */
export async function startKnot(lab: Lab, options: KnotOptions): Promise<Daemon> {
  const { address, port, network } = options;
  const where = { address, port, ...(network === undefined ? {} : { network }) };
  return startKnotZone(lab, { zone: acmeDnsZone, text: zoneFile(options), ...where });
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

function render(
  place: string,
  file: string,
  socket: string,
  { zone, address, port }: KnotZone,
): string {
  return `server:
    listen: ${address}@${port}
    rundir: ${place}
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
log:
  - target: stderr
    any: info
control:
    listen: ${socket}
database:
    storage: ${place}
zone:
  - domain: ${zone}
    file: ${file}
    semantic-checks: off
    zonefile-sync: -1
    journal-content: none
`;
}
