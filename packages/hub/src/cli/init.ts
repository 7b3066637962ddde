import { access, chmod, mkdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import {
  exitCodes,
  systemClock,
  usageError,
  writeWhole,
  type ExitCode,
  type Terminal,
} from '@sixhub/base';
import { HubCa } from '../ca/hub-ca.js';
import { knownDirectories, parseHubConfig, readConfig, type HubConfig } from '../config/config.js';
import { defaultConfigFile } from '../config/config-file.js';
import { statePaths } from '../config/paths.js';
import { parseDnsName } from '../domain/dns-name.js';
import { openStore } from '../store/store.js';
import { KeyRing } from '../vault/key-ring.js';
import { createMasterKey } from '../vault/master-key.js';
import { readMasterKeys } from '../vault/master-keys.js';

interface InitInput {
  readonly json: boolean;
  readonly options: {
    readonly config: string | undefined;
    readonly zone: string | undefined;
    readonly address: readonly string[];
    readonly contact: readonly string[];
    readonly authority: string;
    readonly state: string;
  };
}

export async function init({ options, json }: InitInput, terminal: Terminal): Promise<ExitCode> {
  process.umask(0o077);
  const file = options.config ?? defaultConfigFile;
  const wrote = !(await exists(file));
  if (wrote) {
    const text = configText(options);
    parseHubConfig(file, text); // a file that would not be read must not be left behind
    await makeConfigDirectory(dirname(file));
    await writeWhole(file, text, { mode: 0o640 });
  }
  const config = await readConfig(file);
  const ca = await prepareState(config);
  const caFile = join(dirname(file), 'ca.pem');
  // Public: who asks the REST API or looks at the agents' port can check the hub's certificate with it.
  await writeWhole(caFile, ca.trusted, { mode: 0o644 });
  const records = delegationRecords(config);
  if (json) {
    terminal.out(
      JSON.stringify({
        config: file,
        state: config.state,
        caFile,
        caSha256: ca.serving.sha256,
        records,
      }),
    );
    return exitCodes.done;
  }
  terminal.out(
    [
      `${wrote ? 'wrote' : 'kept'} ${file}`,
      `keys and database are in ${config.state}`,
      `the hub's own CA certificate is in ${caFile} (curl --cacert)`,
      '',
      `Create these records where ${parentOf(config.acme_dns.domain)} is kept, so that the world asks this machine:`,
      '',
      ...records.map((record) => `  ${record}`),
      '',
      'Then start the hub (systemctl enable --now sixhub, or: hub serve) and run: hub issue DOMAIN',
    ].join('\n'),
  );
  return exitCodes.done;
}

/** Others may pass through: the hub's own user reads hub.toml in it, and who asks the API the CA. */
async function makeConfigDirectory(directory: string): Promise<void> {
  const first = await mkdir(directory, { recursive: true });
  if (first !== undefined) await chmod(directory, 0o755); // the umask above is for secrets
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

async function prepareState(config: HubConfig): Promise<HubCa> {
  const paths = statePaths(config);
  await mkdir(config.state, { recursive: true, mode: 0o700 });
  await createMasterKey(paths.masterKey);
  const vault = new KeyRing((await readMasterKeys(paths)).keys);
  const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
  await using store = await openStore(paths.database, vault, systemClock, quiet);
  return await HubCa.open(store, systemClock); // before the store is closed
}

function configText(options: InitInput['options']): string {
  const example =
    'For example: hub init --zone acme-dns.example.net --address 2001:db8::53 --contact admin@example.net';
  if (options.zone === undefined) throw usageError('hub init: --zone is missing', example);
  const zone = parseDnsName(options.zone);
  if (zone.kind !== 'name') {
    throw usageError(`hub init: '${options.zone}' is not a domain name: ${zone.reason}`, example);
  }
  const known = options.authority in knownDirectories;
  if (!known && !options.authority.startsWith('https://')) {
    throw usageError(
      `hub init: '${options.authority}' is not an authority that is known by name`,
      `Known: ${Object.keys(knownDirectories).join(', ')}; or give its directory, https://…`,
    );
  }
  const text = JSON.stringify; // TOML's basic strings and arrays of them are JSON's
  const [address] = options.address;
  const host =
    address === undefined ? hostname() : address.includes(':') ? `[${address}]` : address;
  return `# Sixhub's hub. Every key is explained in docs/hub.toml.md.
state = ${text(options.state)}
${options.state === '/var/lib/sixhub' ? '' : `socket = ${text(`${options.state}/hub.sock`)}\n`}
[acme_dns]
domain = ${text(zone.name)}
# Public addresses of this machine: they become the zone's own AAAA and A records.
addresses = ${text(options.address)}
listen = ["[::]:53"]

[agents]
listen = ["[::]:8444"]
# Where agents reach this hub, in the order to try.
addresses = [${text(`https://${host}:8444`)}]

[api]
listen = ["[::1]:8443"]

[[authority]]
name = ${text(known ? options.authority : new URL(options.authority).hostname)}
${known ? '' : `directory = ${text(options.authority)}\n`}contact = ${text(options.contact)}
`;
}

function delegationRecords({ acme_dns: zone }: HubConfig): readonly string[] {
  const nameServer = zone.name_server ?? zone.domain;
  const addresses = zone.addresses.length > 0 ? zone.addresses : ['ADDRESS-OF-THIS-MACHINE'];
  return [
    `${zone.domain}. 3600 IN NS ${nameServer}.`,
    ...addresses.map(
      (address) => `${nameServer}. 3600 IN ${/^[\d.]+$/.test(address) ? 'A' : 'AAAA'} ${address}`,
    ),
  ];
}

function parentOf(domain: string): string {
  return domain.slice(domain.indexOf('.') + 1);
}
