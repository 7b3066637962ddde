import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { programFailure, runProgram } from '@sixhub/base';
import { startDaemon } from './daemon.js';
import { logSays, type Fact } from './fact.js';
import type { Lab } from './lab.js';
import { openNetwork, type Network } from './network.js';
import { programFile } from './program-file.js';
import { unboundFile } from './unbound-file.js';
import { renderStubs, type Stub } from './resolver.js';

/**
 * A machine with IPv6 alone behind a NAT64, as DESIGN's hub has it: `vm` — `host` — `world`. The host translates what is
 * sent to `prefix`, and has two resolvers: one makes AAAA answers of A records (DNS64), one does not.
 */
export interface Nat64Network {
  readonly vm: Network;
  readonly host: Network;
  /** IPv4 alone. Everything of 45.67.89.0/24 is here, for whoever listens. */
  readonly world: Network;
  readonly prefix: string;
  /** `[address]:port`, as the vm asks them. */
  readonly dns64: string;
  readonly plainResolver: string;
}

/** The kernel lets an invented network be global; tayga translates no private one for the well-known prefix. */
const net = {
  world: '45.67.89.0/24',
  worldSide: '45.67.90.1',
  hostSide: '45.67.90.10',
  /** What the vm's packets come from, in the world. */
  pool: '192.168.255.0/24',
  translator: '192.168.255.1',
  host: '2001:db8:1::1',
  vm: '2001:db8:1::2',
  translator6: '2001:db8:2::1',
  prefix: '64:ff9b::/96',
} as const;

/** `stubs`: the zones that the resolvers know beside ipv4only.arpa. */
export async function openNat64Network(lab: Lab, stubs: readonly Stub[]): Promise<Nat64Network> {
  const world = await openNetwork(lab);
  const host = await openNetwork(lab, world);
  const vm = await openNetwork(lab, world);
  await cable(world, host, vm);
  await startTranslator(lab, host);
  const common = { lab, network: host, stubs };
  await startHostResolver({ ...common, port: 53, modules: 'dns64 iterator' });
  await startHostResolver({ ...common, port: 54, modules: 'iterator' });
  const place = `[${net.host}]`;
  return {
    ...{ vm, host, world, prefix: net.prefix },
    ...{ dns64: `${place}:53`, plainResolver: `${place}:54` },
  };
}

async function cable(world: Network, host: Network, vm: Network): Promise<void> {
  await shell(host, 'echo 1 > /proc/sys/net/ipv4/ip_forward');
  await shell(host, 'echo 1 > /proc/sys/net/ipv6/conf/all/forwarding');
  await ip(world, [
    `link add host0 type veth peer name world0 netns ${host.pid}`,
    `address add ${net.worldSide}/24 dev host0`,
    'link set host0 up',
    `route add local ${net.world} dev lo`,
    `route add ${net.pool} via ${net.hostSide}`,
  ]);
  await ip(host, [
    `address add ${net.hostSide}/24 dev world0`,
    'link set world0 up',
    `route add default via ${net.worldSide}`,
    `link add vm0 type veth peer name eth0 netns ${vm.pid}`,
    `address add ${net.host}/64 dev vm0 nodad`,
    'link set vm0 up',
  ]);
  await ip(vm, [
    `address add ${net.vm}/64 dev eth0 nodad`,
    'link set eth0 up',
    `route add ::/0 via ${net.host}`,
  ]);
}

async function startTranslator(lab: Lab, host: Network): Promise<void> {
  const place = await lab.makeDirectory('tayga');
  const config = join(place, 'tayga.conf');
  const lines = [
    'tun-device nat64',
    `ipv4-addr ${net.translator}`,
    `ipv6-addr ${net.translator6}`,
    `prefix ${net.prefix}`,
    `dynamic-pool ${net.pool}`,
    `data-dir ${place}`,
  ];
  await writeFile(config, `${lines.join('\n')}\n`);
  await run(host, programFile('tayga'), ['--config', config, '--mktun']);
  await ip(host, [
    'link set nat64 up',
    `route add ${net.pool} dev nat64`,
    `route add ${net.prefix} dev nat64`,
  ]);
  const [program, args] = host.inside(programFile('tayga'), ['--config', config, '-d']);
  const logFile = join(place, 'log');
  // Its words stay in a buffer; that it holds the device is seen from outside.
  const ready: Fact = {
    says: 'it holds its device',
    holds: async () =>
      (await run(host, programFile('ip', 'iproute2'), ['link', 'show', 'nat64'])).includes(
        'LOWER_UP',
      ),
  };
  lab.own(await startDaemon({ name: 'tayga', program, args, logFile, ready }));
}

interface HostResolver {
  readonly lab: Lab;
  readonly network: Network;
  readonly stubs: readonly Stub[];
  readonly port: number;
  readonly modules: string;
}

async function startHostResolver(options: HostResolver): Promise<void> {
  const { lab, network, port, modules, stubs } = options;
  const place = await lab.makeDirectory('host-resolver');
  const config = join(place, 'unbound.conf');
  const zone = join(place, 'ipv4only.zone');
  const zoneLines = [
    'ipv4only.arpa. 60 IN SOA ns.test. admin.test. 1 60 60 60 60',
    'ipv4only.arpa. 60 IN NS ns.test.',
    ...['170', '171'].map((last) => `ipv4only.arpa. 60 IN A 192.0.0.${last}`),
  ];
  await writeFile(zone, `${zoneLines.join('\n')}\n`);
  await writeFile(
    config,
    `server:
  directory: "${place}"
  chroot: ""
  username: ""
  pidfile: ""
  use-syslog: no
  verbosity: 1
  interface: ${net.host}@${port}
  access-control: 2001:db8::/32 allow
  module-config: "${modules}"
  dns64-prefix: ${net.prefix}
  num-threads: 1
  cache-max-ttl: 0
  cache-max-negative-ttl: 0
auth-zone:
  name: "ipv4only.arpa"
  zonefile: "${zone}"
  for-downstream: no
  for-upstream: yes
  fallback-enabled: no
${renderStubs(stubs)}
`,
  );
  const [program, args] = network.inside(await unboundFile(lab), ['-d', '-p', '-c', config]);
  const logFile = join(place, 'log');
  const ready = logSays(/start of service/);
  lab.own(await startDaemon({ name: 'host-resolver', program, args, logFile, ready }));
}

async function ip(network: Network, lines: readonly string[]): Promise<void> {
  const batch = lines.map((line) => `${line}\n`).join('');
  await run(network, programFile('ip', 'iproute2'), ['-batch', '-'], batch);
}

async function shell(network: Network, command: string): Promise<void> {
  await run(network, '/bin/sh', ['-c', command]);
}

async function run(
  network: Network,
  program: string,
  args: readonly string[],
  input = '',
): Promise<string> {
  const result = await runProgram(...network.inside(program, args), { input });
  if (result.kind === 'exited' && result.code === 0) return result.stdout;
  throw new Error(`${program} ${args.join(' ')}: ${programFailure(result) ?? ''}\n${input}`);
}
