import { expect } from 'vitest';
import { openHostNetwork, type HostNetwork, type Lab } from '../../lab/index.js';
import { hostNet, startVms, until } from '../../lab/host-network.js';
import { build } from './build.js';
import type { Mode } from './uplink-modes.js';

export const description = ({ network, toml }: Mode): string => `[host.merlin]
release = "debian12"
manager = "networkd"
domain = "example.test"
resolvers = ["${hostNet.resolver}"]
uplink.device = "eno1"
uplink.mac = "${hostNet.card}"
ipv6.network = "${network ?? hostNet.network}"
ipv6.seed = "0123456789abcdef"
ipv4 = {address = "${hostNet.host4}", gateway = "${hostNet.gateway4}", networks = ["45.67.91.7/32"]}
${toml}
nat64 = {}
dns64.validate = false
ra.interval = 4
extras.kvm = false
vm.hub.mac = "${hostNet.vmMacs[0]}"
vm.mail = {mac = "${hostNet.vmMacs[1]}", ipv4 = "45.67.91.7"}
`;

export interface Finding {
  readonly id: string;
  readonly state: string;
  readonly what: string;
  readonly cause?: string;
  readonly remedy?: string;
}

/** Servers and names of the laboratory. */
export const laboratory = [
  ...['--ipv4-target', `${hostNet.web4}:80`, '--ipv6-target', `[${hostNet.web6}]:80`],
  ...['--ipv4-name', 'v4only.lab', '--ipv6-name', 'both.lab'],
];

export async function verified({ host }: HostNetwork, code: number): Promise<readonly Finding[]> {
  const result = await host.hostcore('verify', '--json', ...laboratory);
  if (result.kind !== 'exited') throw new Error('verify did not end');
  expect(result, result.stdout + result.stderr).toMatchObject({ code });
  const { findings, seconds } = JSON.parse(result.stdout);
  expect(seconds).toBeLessThan(10);
  return findings;
}

export async function openVerified(
  lab: Lab,
  mode: Mode,
  toml = description(mode),
): Promise<HostNetwork> {
  const network = await openHostNetwork(lab, mode);
  await build(lab, network, toml);
  await startVms(network);
  const [hub, mail] = network.vms;
  for (const [index, vm] of [hub, mail].entries()) {
    const own = new RegExp(`${hostNet.vmAddresses[index]}/64.*dynamic`);
    await until(vm, 'ip', ['-6', 'address', 'show', 'dev', 'ens3'], own);
  }
  await mail.shell(
    `ip address add 45.67.91.7/32 dev ens3; ip route add default via ${hostNet.host4} dev ens3 onlink`,
  );
  return network;
}
