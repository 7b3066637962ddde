import { forwardsIpv4, type Host } from './host.js';

export interface Sysctl {
  /** With `/` between its parts, as in /proc/sys: a device's name may have dots. */
  readonly key: string;
  readonly value: string;
  readonly why: string;
}

export function wantedSysctls(host: Host): readonly Sysctl[] {
  const { uplink, inside, vms, ipv4, links } = host;
  const own = [uplink.device, inside.device, ...inside.ports];
  const quiet = [...new Set(own)];
  return [
    sysctl('net/ipv6/conf/all/forwarding', 1, "The VMs' packets pass through the host."),
    ...(forwardsIpv4(host)
      ? [
          sysctl(
            'net/ipv4/ip_forward',
            1,
            'So do those of the NAT64, and of VMs with an IPv4 address.',
          ),
        ]
      : []),
    ...quiet.flatMap((device) => [
      sysctl(
        `net/ipv6/conf/${device}/accept_ra`,
        0,
        `${device}: the router is told by hand; whoever advertises there is no router of ours.`,
      ),
      sysctl(
        `net/ipv6/conf/${device}/autoconf`,
        0,
        `${device}: no address but those of host.toml (the host would hear its own advertisements).`,
      ),
    ]),
    ...links
      .filter(({ accept }) => !accept)
      .map(({ device }) =>
        sysctl(`net/ipv6/conf/${device}/accept_ra`, 0, `${device}: nobody's routes are taken.`),
      ),
    ...(uplink.mode === 'on-link' && uplink.proxy === 'kernel'
      ? [
          sysctl(
            `net/ipv6/conf/${uplink.device}/proxy_ndp`,
            1,
            "The kernel answers the provider's neighbour solicitations for the VMs.",
          ),
        ]
      : []),
    ...(ipv4?.onLink === true &&
    uplink.mode !== 'bridged' &&
    vms.some((vm) => vm.ipv4 !== undefined)
      ? [
          sysctl(
            `net/ipv4/conf/${uplink.device}/proxy_arp`,
            1,
            "The provider looks for the VMs' IPv4 addresses on the link; the host answers for them.",
          ),
        ]
      : []),
  ];
}

function sysctl(key: string, value: number, why: string): Sysctl {
  return { key, value: String(value), why };
}
