import type { Facts } from '../facts.js';
import { isVm } from '../former-bridges.js';
import type { Host } from '../host.js';
import { formatAddress } from '../ip-address.js';
import type { KernelChange } from './kernel-change.js';

/** No table of the rendered rules: it is there for the minutes after a move, and nobody misses it after a reboot. */
export const movedTable = 'bridge sixhub_moved';

/** Longer than Linux goes by a redirect of IPv4 (300 s, RT_GC_TIMEOUT). */
const rememberedFor = '10m';

/**
 * While the card is in the bridge, a VM sends its frames to the provider's router: the host tells it to, by redirects (RFC 4861
 * §8, RFC 1122 §3.2.2.2). Out of the bridge nobody takes them, and an IPv4 redirect is remembered for minutes. So the host takes
 * them, as it takes those to the MAC address that the bridge had, and answers for the router's IPv4 address. From the ports of that
 * bridge alone: behind another one the same router may be reached directly. `meta ibrname` would say it in a word, and needs a kernel
 * module that not all have; a VM that comes later was never told.
 */
export function movedRouters(host: Host, { kernel }: Facts): readonly KernelChange[] {
  const { inside, uplink, ipv4, ipv6 } = host;
  const devices = kernel?.devices ?? [];
  const card = devices.find(({ name }) => name === uplink.device);
  // A card may also be in a bond or a VRF.
  const bridge = devices.find(({ name, kind }) => name === card?.master && kind === 'bridge');
  if (bridge === undefined || uplink.mode === 'bridged' || !inside.bridge) return [];
  const stays = bridge.name === inside.device;
  const ports = devices
    .filter((one) => one.master === bridge.name && one !== card)
    .filter((one) => stays || inside.ports.includes(one.name) || isVm(one))
    .map(({ name }) => name);
  const gateways = [ipv6.gateway, ...(ipv4 === undefined ? [] : [ipv4.gateway])];
  const heard = gateways.flatMap((one) => kernel?.neighbours?.get(formatAddress(one)) ?? []);
  const macs = [...new Set([...heard, ...(bridge.mac === undefined ? [] : [bridge.mac])])].filter(
    (mac) => mac !== inside.mac,
  );
  return [
    ...(macs.length === 0 || ports.length === 0 || inside.mac === undefined
      ? []
      : [taken(macs, ports, inside.mac)]),
    ...(ipv4 === undefined ? [] : [answered(formatAddress(ipv4.gateway), inside.device)]),
  ];
}

function taken(macs: readonly string[], ports: readonly string[], own: string): KernelChange {
  const elements = macs.map((mac) => `${mac} timeout ${rememberedFor}`).join(', ');
  const set = `set routers { type ether_addr ; flags timeout ; elements = { ${elements} } ; }`;
  const from = `iifname { ${ports.map((port) => `"${port}"`).join(', ')} }`;
  const rule = `${from} ether daddr @routers ether daddr set ${own} meta pkttype set host`;
  const chain = `chain prerouting { type filter hook prerouting priority dstnat ; ${rule} ; }`;
  return {
    ...{ kind: 'proxy', action: 'add' },
    subject: `frames of VMs to ${macs.join(', ')} are the host's, for ${rememberedFor}`,
    why: "VMs send to the provider's router itself, or to the MAC address that the bridge had, until they have forgotten both",
    command: `nft 'add table ${movedTable} { ${set} ; ${chain} ; }'`,
  };
}

function answered(gateway: string, device: string): KernelChange {
  return {
    ...{ kind: 'proxy', action: 'add', device },
    subject: `answers for ${gateway} on ${device}, until a reboot`,
    why: "VMs ask for the provider's router until they have forgotten that they were sent to it",
    command: `ip neigh add proxy ${gateway} dev ${device}`,
  };
}
