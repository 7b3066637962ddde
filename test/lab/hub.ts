import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  checkoutRoot,
  commands,
  mustBe,
  runCommand,
  type CommandOptions,
  type CommandResult,
} from './checkout.js';
import { startDaemon, type Daemon } from './daemon.js';
import { allOf, listensAt, listensAtSocket } from './fact.js';
import type { Lab } from './lab.js';
import type { Pebble } from './pebble.js';
import { ports } from './ports.js';
import type { Stub } from './resolver.js';

export interface HubOptions {
  /** What CNAMEs point into: `acme-dns.beispiel.test`. */
  readonly zone: string;
  /** `address:port` of the resolver that it asks for delegations. */
  readonly resolver: string;
  readonly authorities: readonly (Pick<Pebble, 'directory' | 'httpsCertificate'> & {
    readonly profile?: string;
  })[];
  /** Lines for the end of hub.toml. */
  readonly more?: string;
}

/** A hub's place and configuration; it can be started, killed and started again. */
export interface HubHouse {
  readonly config: string;
  readonly state: string;
  readonly address: string;
  /** The CA of its own listeners, PEM; `hub init` writes it beside hub.toml. */
  readonly ca: string;
  /** For the resolver: its zone, answered here. */
  readonly stub: Stub;
  readonly apiUrl: string;
  readonly agentsUrl: string;
  /** Runs `hub WORDS --config …`, unless the words name another. */
  run(words: readonly string[], options?: CommandOptions): Promise<CommandResult>;
  /** `hub serve`, until its socket and its listeners answer. */
  serve(): Promise<Daemon>;
}

export async function makeHub(lab: Lab, options: HubOptions): Promise<HubHouse> {
  const place = await lab.makeDirectory('hub');
  const address = lab.address();
  const { config, socket, state } = filesOf(place);
  await writeFile(config, renderConfig({ ...options, address, socket, state }));
  return house(lab, place, { address, zone: options.zone });
}

/** A hub that is initialised, whose authority nobody reaches: for what needs no issuance. */
export async function makeHubAlone(lab: Lab, more?: string): Promise<HubHouse> {
  const hub = await makeHub(lab, {
    zone: 'acme-dns.beispiel.test',
    resolver: `${lab.address()}:${ports.dns}`,
    authorities: [
      {
        directory: 'https://127.0.0.1:9/dir',
        httpsCertificate: '/etc/ssl/certs/ca-certificates.crt',
      },
    ],
    ...(more === undefined ? {} : { more }),
  });
  await mustBe(0, await hub.run(['init']));
  return hub;
}

/** As `makeHubAlone`, and no client of its API is told to slow down. */
export async function makeUnlimitedHub(lab: Lab): Promise<HubHouse> {
  const hub = await makeHubAlone(lab);
  const config = await readFile(hub.config, 'utf8');
  await writeFile(hub.config, config.replace('[api]', '[api]\nrequests_per_minute = 1000000000'));
  return hub;
}

/** A second machine with the addresses of the first, which must not run then, and with its hub.toml; no state yet. */
export async function makeHeir(lab: Lab, first: HubHouse): Promise<HubHouse> {
  const place = await lab.makeDirectory('heir');
  const { config, socket, state } = filesOf(place);
  const text = await readFile(first.config, 'utf8');
  await writeFile(
    config,
    text
      .replace(/^state = .*$/m, `state = "${state}"`)
      .replace(/^socket = .*$/m, `socket = "${socket}"`),
  );
  return house(lab, place, { address: first.address, zone: first.stub.zone });
}

function filesOf(place: string): { config: string; socket: string; state: string } {
  return {
    config: join(place, 'hub.toml'),
    socket: join(place, 'hub.sock'),
    state: join(place, 'state'),
  };
}

function house(
  lab: Lab,
  place: string,
  { address, zone }: { readonly address: string; readonly zone: string },
): HubHouse {
  const { config, socket, state } = filesOf(place);
  return {
    config,
    state,
    address,
    ca: join(place, 'ca.pem'),
    stub: { zone, at: [`${address}:${ports.dns}`] },
    apiUrl: `https://${address}:${ports.api}`,
    agentsUrl: `https://${address}:${ports.agents}`,
    run: (words, more) => runCommand('hub', withConfig(words, config), more),
    serve: async () =>
      lab.own(
        await startDaemon({
          name: 'hub serve',
          // The file itself, as systemd starts it: its first line has the options that it gives to Node.
          program: join(checkoutRoot, commands.hub),
          args: ['serve', '--config', config],
          logFile: join(place, 'log'),
          ready: allOf(
            listensAtSocket(socket),
            listensAt(address, ports.dns),
            listensAt(address, ports.agents),
            listensAt(address, ports.api),
          ),
        }),
      ),
  };
}

function withConfig(words: readonly string[], config: string): readonly string[] {
  return words.includes('--config') ? words : [...words, '--config', config];
}

interface Rendered extends HubOptions {
  readonly address: string;
  readonly socket: string;
  readonly state: string;
}

function renderConfig({
  zone,
  resolver,
  authorities,
  more,
  address,
  socket,
  state,
}: Rendered): string {
  return `state = "${state}"
socket = "${socket}"

[acme_dns]
domain = "${zone}"
addresses = ["${address}"]
listen = ["${address}:${ports.dns}"]

[agents]
listen = ["${address}:${ports.agents}"]
addresses = ["https://${address}:${ports.agents}"]

[api]
listen = ["${address}:${ports.api}"]

[resolver]
servers = ["${resolver}"]
name_server_port = ${ports.dns}
${authorities.map(renderAuthority).join('')}${more ?? ''}`;
}

function renderAuthority(
  { directory, httpsCertificate, profile }: HubOptions['authorities'][number],
  index: number,
): string {
  return `
[[authority]]
name = "pebble${index === 0 ? '' : index + 1}"
directory = "${directory}"
trust = "${httpsCertificate}"
contact = ["admin@example.org"]
${profile === undefined ? '' : `profile = "${profile}"\n`}`;
}
