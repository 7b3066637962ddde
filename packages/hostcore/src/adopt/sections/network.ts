import { formatAddress, sameAddress } from '../../domain/ip-address.js';
import { contains, formatInterfaced, sameNetwork } from '../../domain/ip-network.js';
import type { Concluded } from '../conclude.js';
import type { Survey } from '../survey.js';
import type { Section } from '../toml.js';
import { shown, shownAll, some, unless } from '../words.js';

/** uplink, ipv6, ipv4, inside. */
export function networkSections(
  own: string,
  found: Survey,
  seen: Concluded,
  around: { readonly cardMac: (device: string) => string | undefined; readonly assumed: string[] },
): readonly Section[] {
  const { uplink, bridge, mode } = seen;
  const bridgeMac = mode === 'bridged' ? bridge?.mac : undefined;
  const mac = bridgeMac ?? uplink.mac ?? found.extras.rewritesTo ?? around.cardMac(uplink.name);
  return [
    {
      header: `[${own}.uplink]`,
      entries: [
        ['device', uplink.name],
        ['mac', mac],
        ['mode', mode],
      ],
    },
    ipv6(own, seen, around.assumed),
    ipv4(own, seen),
    inside(own, found, seen, around.assumed),
  ];
}

function ipv6(own: string, seen: Concluded, assumed: string[]): Section {
  if (seen.network === undefined) assumed.push('no IPv6 network was found: write it yourself');
  return {
    header: `[${own}.ipv6]`,
    entries: [
      ['network', shown(seen.network)],
      ['address', shown(seen.address)],
      ['gateway', shown(seen.gateway6, 'fe80::1')],
    ],
  };
}

function ipv4(own: string, { ipv4: address, gateway4, routed4 }: Concluded): Section {
  const header = `[${own}.ipv4]`;
  if (address === undefined || gateway4 === undefined) return { header, entries: [] };
  return {
    header,
    entries: [
      ['address', formatInterfaced(address).replace(/\/32$/, '')],
      ['gateway', formatAddress(gateway4)],
      ['networks', some(routed4.map((one) => `${formatAddress(one)}/32`))],
    ],
  };
}

function inside(own: string, found: Survey, seen: Concluded, assumed: string[]): Section {
  const { bridge, uplink, network, insideNetwork } = seen;
  const router = found.advertisements.find(({ announcing }) => !announcing)?.device;
  const device = bridge?.name ?? unless(router === uplink.name, router);
  if (device === undefined)
    assumed.push('there is no bridge yet; br0 is to be one, with the card outside');
  const same =
    network !== undefined && insideNetwork !== undefined && sameNetwork(network, insideNetwork);
  return {
    header: `[${own}.inside]`,
    entries: [
      ['device', unless(device === 'br0', device)],
      ['bridge', bridge === undefined && device !== undefined ? false : undefined],
      ['network', unless(same, shown(insideNetwork))],
      ['address', insideAddress(seen)],
      ['mac', unless(seen.mode === 'bridged', bridge?.mac)],
      ['ports', some((bridge?.ports ?? []).filter((port) => port !== uplink.name))],
    ],
  };
}

/** Where it is neither the host's own nor the first of the network, which are the defaults. */
function insideAddress({
  insideAddress: inner,
  address,
  insideNetwork,
  mode,
}: Concluded): string | undefined {
  if (inner === undefined || insideNetwork === undefined || mode === 'bridged') return undefined;
  if (address !== undefined && sameAddress(inner, address)) return undefined;
  const isFirst = inner.bits === insideNetwork.bits + 1n;
  const usual = address !== undefined && contains(insideNetwork, address);
  return isFirst && !usual ? undefined : formatAddress(inner);
}

/** Name servers of every place that names some, each once: the host's own, and the forwarders. */
export function resolversOf(
  found: Survey,
  { uplink, bridge, address }: Concluded,
  assumed: string[],
): readonly string[] | undefined {
  const places = [
    { where: uplink.name, list: uplink.resolvers },
    { where: bridge?.name ?? '', list: bridge?.resolvers ?? [] },
    { where: found.dns64?.path ?? '', list: found.dns64?.forwarders ?? [] },
  ].map(({ where, list }) => ({
    where,
    own: shownAll(list.filter((one) => address === undefined || !sameAddress(one, address))) ?? [],
  }));
  const named = places.filter(({ own }) => own.length > 0);
  const all = [...new Set(named.flatMap(({ own }) => own))];
  if (named.some(({ own }) => own.length < all.length)) {
    const lists = named.map(({ where, own }) => `${where} has ${own.join(', ')}`);
    assumed.push(`resolvers is what several places name together: ${lists.join('; ')}`);
  }
  return some(all);
}
