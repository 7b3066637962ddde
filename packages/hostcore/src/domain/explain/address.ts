import type { Host } from '../host.js';
import { formatAddress, parseAddress } from '../ip-address.js';
import { contains, formatNetwork } from '../ip-network.js';
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
    if (special === undefined) return [];
    return topic(
      `${text} is in ${formatNetwork(special.network)}, ${special.use} (${special.clause}).`,
    );
  });
}
