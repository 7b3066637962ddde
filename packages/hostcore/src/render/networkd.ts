import type { Host } from '../domain/host.js';
import { formatAddress } from '../domain/ip-address.js';
import { formatInterfaced, formatNetwork } from '../domain/ip-network.js';
import { isOnLink, layout, type DeviceLayout, type LaidRoute } from '../domain/layout.js';
import { netdevFile, networkFile } from '../domain/network-files.js';
import { sendingSections } from './networkd-ra.js';
import { text, type Part } from './part.js';

/** systemd.network(5) and systemd.netdev(5). */

const taker = { kind: 'network', manager: 'networkd' } as const;

export function networkdFiles(host: Host): readonly Part[] {
  return layout(host).flatMap((device) => [
    ...(device.kind === 'bridge' ? [bridgeDevice(host, device)] : []),
    {
      path: networkFile(device.device),
      purpose: `Addresses and routes of ${device.device}.`,
      body: networkText(host, device),
      taker,
    },
  ]);
}

function bridgeDevice({ inside }: Host, { device }: DeviceLayout): Part {
  return {
    path: netdevFile(device),
    purpose: `The bridge of the VMs.`,
    body: text([
      '[NetDev]',
      `Name=${device}`,
      'Kind=bridge',
      // Without one of its own it takes its ports', and the VMs' router would move with them.
      inside.mac === undefined ? undefined : `MACAddress=${inside.mac}`,
      '',
      '[Bridge]',
      'STP=no',
      'ForwardDelaySec=0',
    ]),
    taker,
  };
}

function networkText(host: Host, laid: DeviceLayout): string {
  const { uplink, inside, links, resolvers } = host;
  const isInside = laid.device === inside.device;
  const isOuter = laid.routes.some(({ to, via }) => to.length === 0 && via !== undefined);
  const link = links.find(({ device }) => device === laid.device);
  const proxied =
    uplink.mode === 'on-link' && uplink.proxy === 'kernel' && laid.device === uplink.device;
  return text([
    '[Match]',
    `Name=${laid.device}`,
    // VMs start after the network is online, and until then the bridge has no carrier: nobody waits for it at boot.
    isOuter || laid.device === uplink.device ? undefined : ['', '[Link]', 'RequiredForOnline=no'],
    '',
    '[Network]',
    laid.master === undefined ? undefined : `Bridge=${laid.master}`,
    `LinkLocalAddressing=${laid.master === undefined ? 'ipv6' : 'no'}`,
    // The host must never configure itself from its own advertisements, nor from a VM's.
    `IPv6AcceptRA=${link?.accept === true ? 'yes' : 'no'}`,
    // A bridge without a running VM has no carrier; its address is needed by the name server all the same.
    isInside ? 'ConfigureWithoutCarrier=yes' : undefined,
    isOuter ? resolvers.map((one) => `DNS=${formatAddress(one)}`) : undefined,
    proxied ? host.vms.map((vm) => `IPv6ProxyNDPAddress=${formatAddress(vm.address)}`) : undefined,
    laid.addresses.flatMap((one) =>
      [
        '',
        `# ${one.why}`,
        '[Address]',
        `Address=${formatInterfaced(one)}`,
        // Duplicate address detection waits for a carrier; on the bridge nobody but the host gives it away.
        isInside && one.address.family === 6 ? 'DuplicateAddressDetection=none' : [],
      ].flat(),
    ),
    laid.routes.flatMap((one) => ['', `# ${one.why}`, ...routeSection(laid, one)]),
    link?.accept === true ? acceptingSection() : undefined,
    sendingSections(host, laid.device),
  ]);
}

function routeSection(laid: DeviceLayout, { to, via, kind }: LaidRoute): readonly string[] {
  if (via === undefined) {
    return [
      '[Route]',
      `Destination=${formatNetwork(to)}`,
      kind === 'unreachable' ? 'Type=unreachable' : 'Scope=link',
    ];
  }
  return [
    '[Route]',
    ...(to.length === 0 ? [] : [`Destination=${formatNetwork(to)}`]),
    `Gateway=${formatAddress(via)}`,
    ...(isOnLink(laid, via) ? ['GatewayOnLink=yes'] : []),
  ];
}

/** Of what others on the link announce, the routes alone. */
export function acceptingSection(): readonly string[] {
  return ['', '[IPv6AcceptRA]', 'UseDNS=no', 'UseAutonomousPrefix=no', 'UseOnLinkPrefix=no'];
}
