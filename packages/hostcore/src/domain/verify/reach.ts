import { outerDevice, type Host } from '../host.js';
import { formatAddress } from '../ip-address.js';
import { formatNetwork, sameNetwork } from '../ip-network.js';
import { findingsAbout, type VerifyFinding, type Why } from './finding.js';
import type { KernelSeen, Reach, Seen } from './seen.js';
import type { Endpoint } from './targets.js';

const { ok, wrong, doubtful, notTested } = findingsAbout('reach');

/** From the inside to servers: by IPv6 directly, and to one with IPv4 alone through the NAT64. */
export function judgeReach(host: Host, seen: Seen): readonly VerifyFinding[] {
  const { client, targets, kernel } = seen;
  if (client.kind === 'blind') {
    return [notTested('reach', 'No connection was tried from the inside.', client.why)];
  }
  const { ipv4, ipv6 } = client.value;
  const six = { to: shown(targets.ipv6), by: 'by IPv6', option: '--ipv6-target' };
  const four = { to: shown(targets.ipv4), by: 'through the NAT64', option: '--ipv4-target' };
  return [
    judged('ipv6', six, ipv6, kernel.ipv6, () => whyNot6(host, kernel)),
    ...(ipv4 === undefined
      ? []
      : [judged('nat64', four, ipv4, kernel.ipv4, () => whyNot4(host, kernel))]),
  ];
}

interface Way {
  readonly to: string;
  readonly by: string;
  readonly option: string;
}

function judged(
  id: 'ipv6' | 'nat64',
  { to, by, option }: Way,
  inside: Reach,
  own: Reach,
  why: () => Why,
): VerifyFinding {
  const another = `Name another server with ${option} if this one is not to be had.`;
  if (inside === 'connected') return ok(id, `A client reaches ${to} ${by}.`);
  if (inside === 'refused') {
    const cause = 'The way there and back is open, and nobody listens, or somebody forbids it.';
    return doubtful(id, `${to} refuses a client's connection ${by}.`, { cause, remedy: another });
  }
  const seen = why();
  if (own === 'connected' || own === 'refused') {
    return wrong(id, `A client does not reach ${to} ${by}; the host itself does.`, seen);
  }
  // What the host itself can't reach says little about what is inside; what is seen to be wrong there still does.
  const what = `Neither a client (${by}) nor the host itself reaches ${to}.`;
  if (seen.cause !== unknown) return wrong(id, what, seen);
  return wrong(id, what, {
    cause: 'The server is down, or the way to the provider is.',
    remedy: `See the way with \`ip route get\` and the provider's status. ${another}`,
  });
}

const unknown =
  "Nothing on the host explains it: the provider does not bring the answers back, or somebody's rules drop them.";

function whyNot6(host: Host, kernel: KernelSeen): Why {
  const { uplink, ipv6, inside } = host;
  if (kernel.sysctls.get('net/ipv6/conf/all/forwarding') === '0') {
    return {
      cause: 'IPv6 forwarding is off (net.ipv6.conf.all.forwarding = 0).',
      remedy: '`sysctl -p /etc/sysctl.d/90-sixhub.conf`; and find what turned it off.',
    };
  }
  if (!hasDefault(kernel, 6)) return noRouter(host, 6);
  if (uplink.mode === 'on-link' && uplink.proxy === 'ndppd' && !kernel.programs.has('ndppd')) {
    return {
      cause: 'ndppd is not running: the provider finds no VM on the link.',
      remedy: '`systemctl start sixhub-ndppd`; why it ended: `journalctl -u sixhub-ndppd`.',
    };
  }
  return (
    dropping(kernel, ['ip6', 'inet']) ?? {
      cause: unknown,
      remedy: `Ask the provider whether ${formatNetwork(ipv6.network)} is ${uplink.mode === 'on-link' ? `resolved at ${uplink.device}` : `routed to ${uplink.device}`}; \`tcpdump -ni ${uplink.device} net ${formatNetwork(inside.network)}\` shows what comes back.`,
    }
  );
}

function whyNot4(host: Host, kernel: KernelSeen): Why {
  const { nat64 } = host;
  if (nat64 === undefined) throw new Error('judged without a NAT64');
  const tayga = nat64.engine === 'tayga';
  if (tayga && !kernel.programs.has('tayga')) {
    return {
      cause: 'tayga is not running.',
      remedy: '`systemctl start sixhub-tayga`; why it ended: `journalctl -u sixhub-tayga`.',
    };
  }
  for (const network of tayga ? [nat64.prefix, nat64.pool] : []) {
    if (kernel.routes.some(({ to }) => sameNetwork(to, network))) continue;
    return {
      cause: `The host has no route for ${formatNetwork(network)} to the translator.`,
      remedy: '`systemctl restart sixhub-tayga` sets it anew.',
    };
  }
  for (const [key, name] of [
    ['net/ipv6/conf/all/forwarding', 'IPv6'],
    ['net/ipv4/ip_forward', 'IPv4'],
  ] as const) {
    if (kernel.sysctls.get(key) !== '0') continue;
    return {
      cause: `${name} forwarding is off (${key.replaceAll('/', '.')} = 0).`,
      remedy: '`sysctl -p /etc/sysctl.d/90-sixhub.conf`; and find what turned it off.',
    };
  }
  if (!hasDefault(kernel, 4)) return noRouter(host, 4);
  if (tayga && kernel.chains?.some(({ table }) => table === 'sixhub_nat') === false) {
    return {
      cause: `The table that makes the host's address of ${formatNetwork(nat64.pool)} is not loaded (ip sixhub_nat).`,
      remedy: '`systemctl reload-or-restart sixhub-nftables`.',
    };
  }
  return (
    dropping(kernel, ['ip', 'ip6', 'inet']) ?? {
      cause: unknown,
      remedy: `\`tcpdump -ni ${outerDevice(host)} ip\` shows what comes back.`,
    }
  );
}

function hasDefault({ routes }: KernelSeen, family: 4 | 6): boolean {
  return routes.some(({ to }) => to.family === family && to.length === 0);
}

function noRouter(host: Host, family: 4 | 6): Why {
  return {
    cause: `The host has no default route for IPv${family}.`,
    remedy: `\`hostcore plan\` shows it; \`${host.manager === 'netplan' ? 'netplan apply' : 'networkctl reload'}\` brings it back.`,
  };
}

/** Somebody's firewall that lets nothing pass unless said: Docker's, ufw's. */
function dropping({ chains }: KernelSeen, families: readonly string[]): Why | undefined {
  const found = chains?.find(
    ({ hook, policy, family }) =>
      hook === 'forward' && policy === 'drop' && families.includes(family),
  );
  if (found === undefined) return undefined;
  return {
    cause: `The chain ${found.family} ${found.table} ${found.name} drops what it does not know.`,
    remedy: `Let through there what comes from and goes to the bridge: \`nft list chain ${found.family} ${found.table} ${found.name}\`.`,
  };
}

function shown({ address, port }: Endpoint): string {
  const text = formatAddress(address);
  return address.family === 6 ? `[${text}]:${port}` : `${text}:${port}`;
}
