import { Resolver } from 'node:dns/promises';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode } from '@sixhub/base';
import { commandLine, runCommand, type CommandResult } from './checkout.js';
import { startDaemon, type Daemon } from './daemon.js';
import { listensAt, logSays, type Fact } from './fact.js';
import type { Lab } from './lab.js';
import type { Network } from './network.js';
import { ports } from './ports.js';
import type { Stub } from './resolver.js';

export const acmeDnsZone = 'auth.beispiel.test';

/** acme-dns with its own configuration file; it can be started, killed and started again. */
export interface AcmeDnsHouse {
  readonly address: string;
  readonly place: string;
  readonly config: string;
  readonly database: string;
  readonly api: string;
  readonly stub: Stub;
  /** Writes the configuration anew; a running server reads it at SIGHUP. */
  configure(settings: AcmeDnsSettings): Promise<void>;
  serve(ready?: Fact): Promise<Daemon>;
  run(...words: readonly string[]): Promise<CommandResult>;
}

export interface AcmeDnsSettings {
  /** Static records beside the name server's address. */
  readonly records?: readonly string[];
  /** Lines for the end of [api]. */
  readonly api?: string;
  /** Whole sections for the end of the file. */
  readonly more?: string;
}

/** Where it listens instead of at an address of the lab: in a network of its own, where port 53 is free. */
export interface AcmeDnsPlace {
  readonly network: Network;
  readonly address: string;
  /** For DNS, as the configuration has it. */
  readonly listen: string;
}

export async function makeAcmeDns(
  lab: Lab,
  settings: AcmeDnsSettings = {},
  where?: AcmeDnsPlace,
): Promise<AcmeDnsHouse> {
  const place = await lab.makeDirectory('acme-dns');
  const address = where?.address ?? lab.address();
  const listen = where?.listen ?? `${address}:${ports.dns}`;
  const config = join(place, 'config.cfg');
  const configure = (next: AcmeDnsSettings): Promise<void> =>
    writeFile(config, render({ place, address, listen }, next));
  await configure(settings);
  return {
    address,
    place,
    config,
    database: join(place, 'acme-dns.db'),
    configure,
    api: `http://${address}:${ports.acmeDnsApi}`,
    stub: { zone: acmeDnsZone, at: [`${address}:${ports.dns}`] },
    run: (...words) => runCommand('acme-dns', [...words, '-c', config]),
    serve: async (
      ready = where === undefined ? listensAt(address, ports.acmeDnsApi) : answersDns,
    ) => {
      const plain = [process.execPath, commandLine('acme-dns', ['serve', '-c', config])] as const;
      const [program, args] = where?.network.inside(...plain) ?? plain;
      return lab.own(
        await startDaemon({ name: 'acme-dns', program, args, logFile: join(place, 'log'), ready }),
      );
    },
  };
}

function render(
  { place, address, listen }: Readonly<Record<'place' | 'address' | 'listen', string>>,
  settings: AcmeDnsSettings,
): string {
  const type = address.includes(':') ? 'AAAA' : 'A';
  const records = [`ns.${acmeDnsZone}. ${type} ${address}`, ...(settings.records ?? [])];
  return `[general]
listen = "${listen}"
protocol = "both"
domain = "${acmeDnsZone}"
nsname = "ns.${acmeDnsZone}"
nsadmin = "admin.beispiel.test"
records = ${JSON.stringify(records)}

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
`;
}

/** Where nobody outside can look. */
const answersDns = logSays(/"msg":"DNS is answered"/);

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

/** POST /update, as every client sends it. */
export async function updateValue(
  house: AcmeDnsHouse,
  { username, password, subdomain }: Pick<Registered, 'username' | 'password' | 'subdomain'>,
  txt: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<string> {
  const answer = await fetch(`${house.api}/update`, {
    method: 'POST',
    headers: { 'X-Api-User': username, 'X-Api-Key': password, ...headers },
    body: JSON.stringify({ subdomain, txt }),
  });
  return `${answer.status} ${await answer.text()}`;
}

/** The TXT values that DNS answers at the name of an account, in order; the error's code where there are none. */
export async function answeredValues(
  house: AcmeDnsHouse,
  { subdomain }: Pick<Registered, 'subdomain'>,
): Promise<readonly string[] | string> {
  const resolver = new Resolver({ timeout: 2_000, tries: 2 });
  resolver.setServers([`${house.address}:${ports.dns}`]);
  try {
    const records = await resolver.resolveTxt(`${subdomain}.${acmeDnsZone}`);
    return records.map((parts) => parts.join('')).sort();
  } catch (error) {
    return systemCode(error) ?? String(error);
  }
}
