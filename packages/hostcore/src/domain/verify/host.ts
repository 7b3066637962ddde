import { forwardsIpv4, type Host } from '../host.js';
import { formatAddress } from '../ip-address.js';
import { formatNetwork } from '../ip-network.js';
import { findingsAbout, type VerifyFinding } from './finding.js';
import type { KernelSeen, Seen } from './seen.js';

const { ok, wrong, notTested } = findingsAbout('host');

/** The host itself: a router that believes nobody, and tells nothing of the inside to the provider. */
export function judgeHost(host: Host, seen: Seen): readonly VerifyFinding[] {
  return [
    ...judgeDevices(host, seen.kernel),
    ...judgeForwarding(host, seen.kernel),
    judgeOwnAdvertisement(host, seen.kernel),
    ...judgeUplink(host, seen),
  ];
}

/** Said only where one is missing: all that follows would hang on it. */
function judgeDevices({ uplink, inside }: Host, { devices }: KernelSeen): readonly VerifyFinding[] {
  return [...new Set([uplink.device, inside.device])].flatMap((name) => {
    const found = devices.find((one) => one.name === name);
    if (found?.up === true) return [];
    const remedy =
      '`hostcore plan` shows what makes it; `networkctl status` what keeps it from being so.';
    const what = found === undefined ? `There is no device ${name}.` : `${name} is down.`;
    return [wrong(`device:${name}`, what, { cause: 'The network is not as described.', remedy })];
  });
}

function judgeForwarding(host: Host, { sysctls }: KernelSeen): readonly VerifyFinding[] {
  const wanted = [
    ['net/ipv6/conf/all/forwarding', 'IPv6'],
    ...(forwardsIpv4(host) ? [['net/ipv4/ip_forward', 'IPv4'] as const] : []),
  ] as const;
  const off = wanted.filter(([key]) => sysctls.get(key) === '0');
  if (off.length === 0) {
    const names = wanted.map(([, name]) => name).join(' and ');
    return [ok('forwarding', `The kernel forwards ${names}.`)];
  }
  return off.map(([key, name]) =>
    wrong('forwarding', `The kernel does not forward ${name}.`, {
      cause: `${key.replaceAll('/', '.')} is 0.`,
      remedy: '`sysctl -p /etc/sysctl.d/90-sixhub.conf`; and find what turned it off.',
    }),
  );
}

/** On the uplink, too: the provider's router is told by hand. */
function judgeOwnAdvertisement(host: Host, kernel: KernelSeen): VerifyFinding {
  const id = 'own-advertisement';
  const { inside, uplink } = host;
  const quiet = [...new Set([inside.device, uplink.device, ...inside.ports])];
  const addresses = kernel.devices
    .filter(({ name }) => quiet.includes(name))
    .flatMap(({ name, addresses }) =>
      addresses
        .filter(({ dynamic, address }) => dynamic && address.family === 6)
        .map(({ address }) => `${formatAddress(address)} at ${name}`),
    );
  const routes = kernel.routes
    .filter(({ protocol, device }) => protocol === 'ra' && quiet.includes(device ?? ''))
    .map(
      ({ to, device }) =>
        `a route to ${to.length === 0 ? 'everywhere' : formatNetwork(to)} at ${device}`,
    );
  const listening = quiet.filter((device) => accepts(kernel, device));
  const taken = [...addresses, ...routes];
  const remedy = `\`sysctl -p /etc/sysctl.d/90-sixhub.conf\`${addresses.length > 0 ? ', and take the address away with `ip address delete`' : ''}; see \`hostcore plan\`.`;
  if (taken.length > 0) {
    return wrong(id, `The host has configured itself from an advertisement: ${taken.join(', ')}.`, {
      cause: causeOfTaking(kernel, quiet),
      remedy,
    });
  }
  if (listening.length > 0) {
    return wrong(
      id,
      `The host would configure itself from advertisements at ${listening.join(', ')}.`,
      {
        cause: causeOfTaking(kernel, quiet),
        remedy,
      },
    );
  }
  return ok(id, 'The host takes nothing from advertisements, its own or others.');
}

/** 2 holds in spite of forwarding, 1 without it (kernel's ip-sysctl). */
function accepts({ sysctls }: KernelSeen, device: string): boolean {
  const value = sysctls.get(`net/ipv6/conf/${device}/accept_ra`);
  const forwards = sysctls.get('net/ipv6/conf/all/forwarding') === '1';
  return value === '2' || (value === '1' && !forwards);
}

function causeOfTaking(kernel: KernelSeen, devices: readonly string[]): string {
  const on = devices.filter((device) => accepts(kernel, device));
  if (on.length === 0) return 'It was taken before; nothing is taken now.';
  return on
    .map((device) => {
      const value = kernel.sysctls.get(`net/ipv6/conf/${device}/accept_ra`);
      return `net.ipv6.conf.${device}.accept_ra is ${value}`;
    })
    .join(', ')
    .concat('.');
}

function judgeUplink(host: Host, { uplink, kernel }: Seen): readonly VerifyFinding[] {
  const { device } = host.uplink;
  if (uplink.kind === 'blind') {
    return [notTested('leak', `What leaves through ${device} was not seen.`, uplink.why)];
  }
  const { card, own, foreign, adverts, baited } = uplink.value;
  const inBridge = kernel.devices.find(({ name }) => name === device)?.master;
  const cause =
    inBridge === undefined
      ? `Something else than the bridge sends through ${device}: a macvtap or macvlan device of a VM, say.`
      : `${device} is a port of ${inBridge}, and no rule holds back what must not leave.`;
  const remedy =
    host.uplink.mode === 'bridged'
      ? 'Load our rules: `systemctl reload-or-restart sixhub-nftables`.'
      : `With mode ${host.uplink.mode} the card stands outside the bridge: \`ip link set ${device} nomaster\`; \`hostcore plan\` shows what brought it there.`;
  const leaks = [
    ...(foreign.length === 0
      ? []
      : [
          wrong(
            'leak-mac',
            `Frames leave ${device} with other MAC addresses than ${card}: ${foreign.slice(0, 4).join(', ')}.`,
            {
              cause,
              remedy: `${remedy} Providers block cards that show foreign addresses.`,
            },
          ),
        ]),
    ...(adverts === 0
      ? []
      : [wrong('leak-ra', `Router advertisements leave ${device}.`, { cause, remedy })]),
  ];
  if (leaks.length > 0) return leaks;
  const blind = [
    ...(own === 0 ? ['Not even the packets of our own client were seen leaving.'] : []),
    ...(baited ? [] : ['No advertisement to all could be sent on the bridge, to be kept in.']),
  ];
  if (blind.length > 0) {
    return [notTested('leak', `Whether something leaks through ${device}.`, blind.join(' '))];
  }
  return [ok('leak', `Through ${device} leaves no MAC address but ${card}, and no advertisement.`)];
}
