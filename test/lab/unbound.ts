import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startDaemon, type Daemon } from './daemon.js';
import { allOf, listensAtSocket, logSays } from './fact.js';
import type { Lab } from './lab.js';
import { ports } from './ports.js';
import { runTool } from './run-tool.js';
import { endpointAt, seatIn, type Seat } from './seat.js';
import { unboundFile } from './unbound-file.js';

/** unbound plays both the resolver and the customer's name server; this is what they have in common. */
export interface Unbound {
  readonly daemon: Daemon;
  readonly address: string;
  /** `address:port`, as others are told of it. */
  readonly endpoint: string;
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
  seat: Seat = seatIn(lab, ports.dns),
): Promise<Unbound> {
  const place = await lab.makeDirectory(name);
  const { address, port, inside } = seat;
  const config = join(place, 'unbound.conf');
  const socket = join(place, 'control.sock');
  const write = (text: string): Promise<void> =>
    writeFile(config, `${foundation(`${address}@${port}`, place, socket)}\n${text}\n`);
  await write(await settings(place, address));
  const [program, args] = inside(await unboundFile(lab), ['-d', '-p', '-c', config]);
  const daemon = lab.own(
    await startDaemon({
      name,
      program,
      args,
      logFile: join(place, 'log'),
      // It has bound its sockets by then.
      ready: allOf(logSays(/start of service/), listensAtSocket(socket)),
    }),
  );
  const control = async (...words: readonly string[]): Promise<void> => {
    await runTool('unbound-control', ['-c', config, ...words]);
  };
  return {
    daemon,
    address,
    endpoint: endpointAt(seat),
    place,
    control,
    async configure(text) {
      await write(text);
      await control('reload');
    },
  };
}

/** `username ""`: it keeps our rights, and with them the kernel's promise to end it when we end. */
function foundation(at: string, place: string, socket: string): string {
  return `server:
  directory: "${place}"
  chroot: ""
  username: ""
  pidfile: ""
  use-syslog: no
  verbosity: 1
  interface: ${at}
  access-control: 127.0.0.0/8 allow
  access-control: 2001:db8::/32 allow
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
