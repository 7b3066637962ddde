import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startDaemon, type Daemon } from './daemon.js';
import { allOf, listensAt, type Fact } from './fact.js';
import type { Lab } from './lab.js';
import { ports } from './ports.js';
import { programFile } from './program-file.js';

/** One VirtualHost: an address of its own, or an address shared by names. */
export interface Site {
  readonly address: string;
  /** ServerName, and each ServerAlias. */
  readonly names: readonly [string, ...string[]];
  /** A directory with fullchain.pem and privkey.pem: live/NAME. */
  readonly certificate: string;
  /** Another such directory, for clients that know its kind of key alone. */
  readonly second?: string;
}

export interface Apache extends Daemon {
  readonly config: string;
  /** `address:port` of each site. */
  readonly endpoints: readonly string[];
  /** Argument lists, as an agent runs them. */
  readonly check: readonly string[];
  readonly reload: readonly string[];
}

const debianModules = '/usr/lib/apache2/modules';
const modules = ['mpm_event', 'authz_core', 'socache_shmcb', 'ssl'];

/** Debian's Apache from a ServerRoot of the lab's own; nothing of /etc/apache2 is read. */
export async function startApache(lab: Lab, sites: readonly Site[]): Promise<Apache> {
  const place = await lab.makeDirectory('apache');
  const config = join(place, 'apache2.conf');
  await mkdir(join(place, 'site'));
  await writeFile(join(place, 'site', 'index.html'), '<h1>Served from the lab</h1>\n');
  await writeFile(config, renderConfig(place, sites));
  const program = programFile('apache2');
  const addresses = [...new Set(sites.map((site) => site.address))];
  const facts = addresses.map((address): Fact => listensAt(address, ports.https));
  const daemon = lab.own(
    await startDaemon({
      name: 'apache2',
      program,
      args: ['-f', config, '-D', 'FOREGROUND'],
      logFile: join(place, 'log'),
      ready: allOf(...facts),
      // Its children run as another user and would outlive a parent that is killed.
      whenOrphaned: 'TERM',
    }),
  );
  return {
    ...daemon,
    config,
    endpoints: addresses.map((address) => `${address}:${ports.https}`),
    check: [program, '-t', '-f', config],
    reload: [program, '-f', config, '-k', 'graceful'],
  };
}

function renderConfig(place: string, sites: readonly Site[]): string {
  const listen = [...new Set(sites.map(({ address }) => `Listen ${address}:${ports.https}`))];
  return [
    `ServerRoot "${place}"`,
    `DefaultRuntimeDir "${place}"`,
    `PidFile "${join(place, 'pid')}"`,
    `Mutex file:${place} default`,
    ...modules.map((name) => `LoadModule ${name}_module ${debianModules}/mod_${name}.so`),
    // Started by root it gives its rights up, as Debian's does; an unprivileged user's has none to give.
    ...(process.getuid?.() === 0 ? ['User www-data', 'Group www-data'] : []),
    `ServerName ${sites[0]?.names[0] ?? 'localhost'}`,
    `ErrorLog "${join(place, 'error.log')}"`,
    'LogLevel warn',
    'StartServers 1',
    'SSLSessionCache none',
    ...listen,
    ...sites.map((site) => renderSite(place, site)),
    '',
  ].join('\n');
}

function renderSite(place: string, { address, names, certificate, second }: Site): string {
  const [name, ...aliases] = names;
  return [
    `<VirtualHost ${address}:${ports.https}>`,
    `  ServerName ${name}`,
    ...(aliases.length > 0 ? [`  ServerAlias ${aliases.join(' ')}`] : []),
    `  DocumentRoot "${join(place, 'site')}"`,
    '  SSLEngine on',
    ...[certificate, second].flatMap((directory) =>
      directory === undefined
        ? []
        : [
            `  SSLCertificateFile "${join(directory, 'fullchain.pem')}"`,
            `  SSLCertificateKeyFile "${join(directory, 'privkey.pem')}"`,
          ],
    ),
    '</VirtualHost>',
  ].join('\n');
}
