import { formatAddress, sameAddress, type IpAddress } from '../../domain/ip-address.js';
import { contains, type IpNetwork } from '../../domain/ip-network.js';
import { slaacAddress } from '../../domain/mac-address.js';
import { specialUse } from '../../domain/special-networks.js';
import type { Concluded } from '../conclude.js';
import type { Unread } from '../reading.js';
import type { Survey } from '../survey.js';
import type { Section } from '../toml.js';
import { shown, shownAll, some, unless } from '../words.js';

/** nat64, dns64, ra, relay. */
interface AroundTranslation {
  /** host.toml's `domain`, which is the default of what is advertised. */
  readonly hasDomain: boolean;
  readonly unread: Unread[];
}

export function translationSections(
  own: string,
  found: Survey,
  seen: Concluded,
  around: AroundTranslation,
): readonly Section[] {
  return [
    nat64Section(own, found),
    dns64Section(own, found, seen),
    raSection(own, found, seen, around),
    relaySection(own, found, seen, around.unread),
  ];
}

function nat64Section(own: string, { nat64, jool }: Survey): Section {
  const isFirst = nat64?.pool !== undefined && nat64.ipv4?.bits === nat64.pool.bits + 1n;
  return {
    header: `[${own}.nat64]`,
    evenEmpty: nat64 !== undefined || jool,
    entries: [
      ['engine', nat64 === undefined && jool ? 'jool' : undefined],
      ['prefix', shown(nat64?.prefix, '64:ff9b::/96')],
      ['pool', shown(nat64?.pool, '192.168.255.0/24')],
      ['ipv4', unless(isFirst, shown(nat64?.ipv4))],
      ['ipv6', shown(nat64?.ipv6)],
    ],
  };
}

function dns64Section(own: string, { dns64, concluded }: Survey, seen: Concluded): Section {
  const all = [...seen.uplink.resolvers, ...(seen.bridge?.resolvers ?? [])];
  // Without resolvers of the host's own, the forwarders have become them.
  const same = all.length === 0 || shownAll(all)?.join() === shownAll(dns64?.forwarders)?.join();
  const foreign = (one: IpNetwork): boolean =>
    one.family === 4
      ? !contains({ family: 4, bits: 0x7f000000n, length: 8 }, one)
      : concluded?.network !== undefined &&
        !contains(concluded.network, one) &&
        specialUse(one)?.use !== 'loopback';
  return {
    header: `[${own}.dns64]`,
    evenEmpty: dns64 !== undefined,
    entries: [
      ['engine', unless(dns64?.engine === 'bind', dns64?.engine)],
      ['forwarders', unless(same, shownAll(dns64?.forwarders))],
      ['clients', shownAll(dns64?.clients.filter(foreign))],
      ['validate', unless(dns64?.validate === true, dns64?.validate)],
      ['break-dnssec', unless(dns64?.breakDnssec === false, dns64?.breakDnssec)],
    ],
  };
}

function raSection(
  own: string,
  { advertisements, dns64 }: Survey,
  seen: Concluded,
  { hasDomain, unread }: AroundTranslation,
): Section {
  const inner = advertisements.find(({ announcing }) => !announcing);
  const ours = (one: IpAddress): boolean =>
    [seen.address, seen.insideAddress].some((mine) => mine !== undefined && sameAddress(one, mine));
  const examples = (inner?.resolvers ?? []).filter(
    (one) => specialUse(one)?.use === 'documentation' && !inOwnNetwork(one, seen),
  );
  for (const one of examples) {
    const path = inner?.engine === 'networkd' ? '/etc/systemd/network' : '/etc/radvd.conf';
    const why = 'an address of the documentation (RFC 3849): no name server has it';
    unread.push({ path, line: undefined, text: `RDNSS ${formatAddress(one)}`, why });
  }
  const resolvers = (inner?.resolvers ?? []).filter((one) => !examples.includes(one));
  const usual = dns64 !== undefined && resolvers.every(ours);
  return {
    header: `[${own}.ra]`,
    evenEmpty: inner !== undefined,
    entries: [
      ['engine', unless(inner?.engine === 'radvd', inner?.engine)],
      ['interval', unless(inner?.interval === 600, inner?.interval)],
      ['resolvers', unless(usual, shownAll(resolvers))],
      // None is said, where the host's domain would be the default.
      ['search', hasDomain ? inner?.search : some(inner?.search ?? [])],
    ],
  };
}

/** A laboratory may live in such a network, and its name server then as well. */
function inOwnNetwork(one: IpAddress, { network, insideNetwork }: Concluded): boolean {
  return [network, insideNetwork].some((own) => own !== undefined && contains(own, one));
}

/**
 * tayga's `map` to the derived address of a VM, and a rule that sends port 53 there. A map without one is somebody's own use
 * of it: to make a relay of that would open a port that nobody had opened.
 */
function relaySection(
  own: string,
  { nat64, vms, sentOn }: Survey,
  seen: Concluded,
  unread: Unread[],
): Section {
  const network = seen.insideNetwork ?? seen.network;
  const maps = (nat64?.maps ?? []).map(([as, to]) => ({
    ...{ as: formatAddress(as), to: formatAddress(to) },
    vm: vms.find(({ mac }) => network !== undefined && sameAddress(slaacAddress(network, mac), to)),
  }));
  const relay = maps.find(({ as, vm }) => vm !== undefined && sentOn.has(as));
  for (const one of maps) {
    if (one === relay) continue;
    const text = `map ${one.as} ${one.to}`;
    const why = sentOn.has(one.as)
      ? 'host.toml has one relay of port 53, to a VM by its derived address'
      : 'no rule was found that sends port 53 there; host.toml has a map for that relay alone';
    unread.push({ path: '/etc/tayga.conf', line: undefined, text, why });
  }
  return {
    header: `[${own}.relay]`,
    entries: [
      ['to', relay?.vm?.name],
      ['as', relay?.as],
    ],
  };
}
