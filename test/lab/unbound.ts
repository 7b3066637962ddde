import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startDaemon, type Daemon } from './daemon.js';
import { allOf, listensAt, listensAtSocket } from './fact.js';
import type { Lab } from './lab.js';
import { ports } from './ports.js';
import { programFile } from './program-file.js';
import { runTool } from './run-tool.js';

/** unbound plays both the resolver and the customer's name server; this is what they have in common. */
export interface Unbound {
  readonly daemon: Daemon;
  readonly address: string;
  /** Its directory, where the caller's own files may lie. */
  readonly place: string;
  /** Writes the configuration anew and has the running daemon take it. */
  configure(settings: string): Promise<void>;
  control(...words: readonly string[]): Promise<void>;
}

export async function startUnbound(
  lab: Lab,
  name: string,
  settings: (place: string, address: string) => string | Promise<string>,
): Promise<Unbound> {
  const place = await lab.makeDirectory(name);
  const address = lab.address();
  const config = join(place, 'unbound.conf');
  const socket = join(place, 'control.sock');
  const write = (text: string): Promise<void> =>
    writeFile(config, `${foundation(address, place, socket)}\n${text}\n`);
  await write(await settings(place, address));
  const daemon = lab.own(
    await startDaemon({
      name,
      program: programFile('unbound'),
      args: ['-d', '-p', '-c', config],
      logFile: join(place, 'log'),
      ready: allOf(listensAt(address, ports.dns), listensAtSocket(socket)),
    }),
  );
  const control = async (...words: readonly string[]): Promise<void> => {
    await runTool('unbound-control', ['-c', config, ...words]);
  };
  return {
    daemon,
    address,
    place,
    control,
    async configure(text) {
      await write(text);
      await control('reload');
    },
  };
}

/** `username ""`: it keeps our rights, and with them the kernel's promise to end it when we end. */
function foundation(address: string, place: string, socket: string): string {
  return `server:
  directory: "${place}"
  chroot: ""
  username: ""
  pidfile: ""
  use-syslog: no
  verbosity: 1
  interface: ${address}@${ports.dns}
  access-control: 127.0.0.0/8 allow
  do-not-query-localhost: no
  module-config: "iterator"
  num-threads: 1
  msg-cache-size: 1m
  rrset-cache-size: 1m
  cache-min-ttl: 0
  cache-max-ttl: 0
  cache-max-negative-ttl: 0
  infra-host-ttl: 1
  hide-identity: yes
  local-zone: "." static
remote-control:
  control-enable: yes
  control-interface: "${socket}"
  control-use-cert: no`;
}
