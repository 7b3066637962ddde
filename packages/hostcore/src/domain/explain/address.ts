import type { Host } from '../host.js';
import { formatAddress, isLinkLocal, parseAddress, type IpAddress } from '../ip-address.js';
import { contains, formatNetwork, networkOf } from '../ip-network.js';
import { layout } from '../layout.js';
import { specialUse } from '../special-networks.js';
import type { Topic } from './topic.js';

/** Of addresses that nobody has by name: which network they are in, and what that means here. */
export function addressTopics(host: Host, words: readonly string[]): readonly Topic[] {
  return words.flatMap((word) => {
    const address = parseAddress(word.split('/')[0] ?? '');
    if (address === undefined) return [];
    const text = formatAddress(address);
    const topic = (said: string): Topic[] => [{ title: text, words: [word], text: [said] }];
    const { nat64, inside, ipv6 } = host;
    if (nat64 !== undefined && contains(nat64.prefix, address)) {
      const four = formatAddress({ family: 4, bits: address.bits & 0xffffffffn });
      return topic(
        `${text} is the IPv4 address ${four}, as the machines inside see it through the NAT64.`,
      );
    }
    if (nat64 !== undefined && contains(nat64.pool, address)) {
      return topic(
        `${text} is of the NAT64's pool ${formatNetwork(nat64.pool)}: a machine inside has it while it speaks with IPv4.`,
      );
    }
    if (contains(inside.network, address)) {
      const derived = ((address.bits >> 24n) & 0xffffn) === 0xfffen;
      const hint = derived
        ? ' By its form it is derived from a MAC address: a VM that host.toml does not have?'
        : '';
      return topic(
        `${text} is in ${formatNetwork(inside.network)}, behind ${inside.device}; host.toml gives it to nobody.${hint}`,
      );
    }
    if (contains(ipv6.network, address)) {
      return topic(
        `${text} is in ${formatNetwork(ipv6.network)}, which the provider gave, and on no device of this host.`,
      );
    }
    const special = specialUse(address);
    if (special !== undefined) {
      return topic(
        `${text} is in ${formatNetwork(special.network)}, ${special.use} (${special.clause}); host.toml gives it to nobody.`,
      );
    }
    return topic(elsewhere(host, address, text));
  });
}

/** Of the internet, or of a network that host.toml does not have. */
function elsewhere(host: Host, address: IpAddress, text: string): string {
  const { ipv4, ipv6, nat64, links } = host;
  if (isLinkLocal(address)) {
    return `${text} is link-local: it means something on one link alone, together with its device; host.toml has nobody by it.`;
  }
  const nobody = `${text} is nobody's in host.toml`;
  const routed = routeTo(host, address);
  if (routed !== undefined) return `${nobody}, and a route leads there: ${routed}.`;
  const link = links.find((one) =>
    one.addresses.some((own) => contains(networkOf(own.address, own.length), address)),
  );
  if (link !== undefined) return `${nobody}; it is a neighbour on ${link.device}.`;
  if (address.family === 6) {
    return `${nobody}: somewhere in the internet, reached through ${formatAddress(ipv6.gateway)}.`;
  }
  const translated =
    nat64 === undefined
      ? 'VMs with IPv6 alone do not reach it, because there is no NAT64'
      : `VMs reach it as ${formatAddress({ family: 6, bits: nat64.prefix.bits | address.bits })}, through the NAT64`;
  return ipv4 === undefined
    ? `${nobody}, and this host has no IPv4 to reach it.`
    : `${nobody}: somewhere in the internet, reached through ${formatAddress(ipv4.gateway)}. ${translated}.`;
}

/** The longest that fits, as the kernel chooses; the way to everything is none of its own. */
function routeTo(host: Host, address: IpAddress): string | undefined {
  const [found] = layout(host)
    .flatMap(({ device, routes }) => routes.map((route) => ({ device, ...route })))
    .filter(({ to, kind }) => kind === 'unicast' && to.length > 0 && contains(to, address))
    .sort((one, other) => other.to.length - one.to.length);
  if (found === undefined) return undefined;
  const via = found.via === undefined ? '' : ` via ${formatAddress(found.via)}`;
  return `${formatNetwork(found.to)} goes through ${found.device}${via}, ${found.why}`;
}
