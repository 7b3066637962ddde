import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { commandLine, runCommand, type CommandResult } from './checkout.js';
import { startDaemon, type Daemon } from './daemon.js';
import { listensAt, logSays, type Fact } from './fact.js';
import type { Lab } from './lab.js';
import { ports } from './ports.js';
import type { Stub } from './resolver.js';

export const acmeDnsZone = 'auth.beispiel.test';

/** acme-dns with its own configuration file; it can be started, killed and started again. */
export interface AcmeDnsHouse {
  readonly address: string;
  readonly place: string;
  readonly api: string;
  readonly stub: Stub;
  serve(ready?: Fact): Promise<Daemon>;
  run(...words: readonly string[]): Promise<CommandResult>;
}

export interface AcmeDnsSettings {
  /** Lines for the end of [api]. */
  readonly api?: string;
  /** Whole sections for the end of the file. */
  readonly more?: string;
}

export async function makeAcmeDns(lab: Lab, settings: AcmeDnsSettings = {}): Promise<AcmeDnsHouse> {
  const place = await lab.makeDirectory('acme-dns');
  const address = lab.address();
  const config = join(place, 'config.cfg');
  await writeFile(
    config,
    `[general]
listen = "${address}:${ports.dns}"
protocol = "both"
domain = "${acmeDnsZone}"
nsname = "ns.${acmeDnsZone}"
nsadmin = "admin.beispiel.test"
records = ["ns.${acmeDnsZone}. A ${address}"]

[database]
engine = "sqlite3"
connection = "${join(place, 'acme-dns.db')}"

[api]
ip = "${address}"
port = "${ports.acmeDnsApi}"
${settings.api ?? ''}

[logconfig]
loglevel = "info"
${settings.more ?? ''}
`,
  );
  return {
    address,
    place,
    api: `http://${address}:${ports.acmeDnsApi}`,
    stub: { zone: acmeDnsZone, at: [`${address}:${ports.dns}`] },
    run: (...words) => runCommand('acme-dns', [...words, '-c', config]),
    serve: async (ready = listensAt(address, ports.acmeDnsApi)) =>
      lab.own(
        await startDaemon({
          name: 'acme-dns',
          program: process.execPath,
          args: commandLine('acme-dns', ['serve', '-c', config]),
          logFile: join(place, 'log'),
          ready,
        }),
      ),
  };
}

export const logsCertificate = logSays(/certificate was obtained/);

export interface Registered {
  readonly username: string;
  readonly password: string;
  readonly fulldomain: string;
  readonly subdomain: string;
}

export async function registerAccount(house: AcmeDnsHouse): Promise<Registered> {
  const answer = await fetch(`${house.api}/register`, { method: 'POST' });
  const account: Registered = JSON.parse(await answer.text());
  return account;
}
