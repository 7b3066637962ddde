import { pref64Lifetime, prefixLifetimes, routerLifetime } from '../advertising.js';
import type { Host, RouterAdvertisement } from '../host.js';
import { formatAddress, sameAddress } from '../ip-address.js';
import { formatNetwork, sameNetwork } from '../ip-network.js';
import { sendsPref64 } from '../software.js';
import { findingsAbout, type VerifyFinding } from './finding.js';
import { senderOf, type RouterAdvert } from './router-advert.js';
import type { ClientSeen, Seen } from './seen.js';

const { ok, wrong, notTested } = findingsAbout('advertisement');

/** What came as an answer to a client's solicitation, against what host.toml has of it. */
export function judgeAdvertisement(host: Host, seen: Seen): readonly VerifyFinding[] {
  const { client, kernel } = seen;
  if (client.kind === 'blind') {
    return [notTested('ra', 'Router advertisements were not looked at.', client.why)];
  }
  const { deaf } = client.value;
  if (deaf !== undefined) {
    return [notTested('ra', 'Router advertisements were not looked at.', deaf)];
  }
  const macs = kernel.devices.filter(({ name }) => name === host.inside.device);
  const own = client.value.adverts.filter(({ mac }) => macs.some((one) => one.mac === mac));
  return [
    ...strangers(host, client.value, own),
    ...(host.ra === undefined ? unwanted(host, own) : wanted(host, host.ra, own, seen)),
  ];
}

function strangers(
  { inside }: Host,
  { adverts }: ClientSeen,
  own: readonly RouterAdvert[],
): readonly VerifyFinding[] {
  const others = [...new Set(adverts.filter((one) => !own.includes(one)).map(senderOf))];
  return others.map((sender) =>
    wrong('ra-other-router', `${sender} advertises itself as a router on ${inside.device}.`, {
      cause: 'It is not this host, and no rule keeps what it sends from the VMs.',
      remedy:
        'Load our rules (`systemctl reload-or-restart sixhub-nftables`), and find out whose MAC address that is.',
    }),
  );
}

function unwanted({ inside }: Host, own: readonly RouterAdvert[]): readonly VerifyFinding[] {
  if (own.length === 0) return [ok('ra', `Nobody advertises on ${inside.device}, as described.`)];
  return [
    wrong('ra', `This host advertises itself on ${inside.device}, and host.toml has no [ra].`, {
      cause: 'radvd or networkd sends what another file than ours tells it.',
      remedy: 'Stop it, or describe it as [host.NAME.ra].',
    }),
  ];
}

function wanted(
  host: Host,
  ra: RouterAdvertisement,
  own: readonly RouterAdvert[],
  { kernel }: Seen,
): readonly VerifyFinding[] {
  const advert = own.at(-1);
  const unit = ra.engine === 'radvd' ? 'radvd' : 'systemd-networkd';
  if (advert === undefined) {
    const runs = kernel.programs.has(unit === 'radvd' ? 'radvd' : 'systemd-network');
    const cause = runs
      ? `${unit} runs, and sends nothing on ${host.inside.device}: another file, or a rule that drops ICMPv6.`
      : `${unit} is not running.`;
    const remedy = runs
      ? `See \`hostcore plan\` for its file and \`journalctl -u ${unit}\`.`
      : `\`systemctl start ${unit}\`; why it ended: \`journalctl -u ${unit}\`.`;
    const what = `No router answered a solicitation on ${host.inside.device}.`;
    return [wrong('ra', what, { cause, remedy })];
  }
  const faults = [
    ...routerFaults(ra, advert),
    ...prefixFaults(host, ra, advert),
    ...optionFaults(host, ra, advert),
  ];
  if (faults.length === 0) {
    return [ok('ra', `A solicitation is answered with ${contents(host, advert)}.`)];
  }
  const stale = {
    cause: `${unit} runs with another configuration than host.toml makes: its file was edited, or it was not reloaded.`,
    remedy: `\`hostcore plan\` shows the file; then \`systemctl reload-or-restart ${unit}\`.`,
  };
  return faults.map(([id, text]) => wrong(id, text, stale));
}

type Fault = readonly [id: string, text: string];

function routerFaults({ interval }: RouterAdvertisement, advert: RouterAdvert): readonly Fault[] {
  const lifetime = routerLifetime(interval);
  return [
    ...when(advert.lifetime !== lifetime, 'ra-lifetime', () =>
      advert.lifetime === 0
        ? 'The router lifetime is 0: no client takes this host for its router.'
        : `The router lifetime is ${advert.lifetime} s, not ${lifetime} s.`,
    ),
    ...when(
      advert.managed || advert.other,
      'ra-flags',
      () =>
        `The flags ${advert.managed ? 'M' : ''}${advert.other ? 'O' : ''} send clients to DHCPv6, which is not here.`,
    ),
    ...when(
      advert.preference !== 'high',
      'ra-preference',
      () => `The router preference is ${advert.preference}, not high (RFC 4191).`,
    ),
  ];
}

function prefixFaults(host: Host, ra: RouterAdvertisement, advert: RouterAdvert): readonly Fault[] {
  const { network } = host.inside;
  const found = advert.prefixes.find(({ prefix }) => sameNetwork(prefix, network));
  const others = advert.prefixes.filter((one) => one !== found);
  const exact = ra.engine === 'radvd';
  return [
    ...when(
      found === undefined,
      'ra-prefix',
      () =>
        `${formatNetwork(network)} is not advertised${others.length > 0 ? `, but ${others.map(({ prefix }) => formatNetwork(prefix)).join(', ')}` : ''}.`,
    ),
    ...when(
      found !== undefined && others.length > 0,
      'ra-prefix',
      () =>
        `${others.map(({ prefix }) => formatNetwork(prefix)).join(', ')} is advertised beside ${formatNetwork(network)}.`,
    ),
    ...when(
      found !== undefined && !(found.autonomous && found.onLink),
      'ra-prefix-flags',
      () =>
        `The prefix lacks flag ${found?.autonomous === true ? 'L: VMs reach each other by way of the host' : 'A: no VM makes an address in it'}.`,
    ),
    ...when(
      found !== undefined &&
        (exact
          ? found.valid !== prefixLifetimes.valid || found.preferred !== prefixLifetimes.preferred
          : found.preferred < routerLifetime(ra.interval) || found.preferred > found.valid),
      'ra-prefix-lifetime',
      () =>
        `The prefix is valid for ${found?.valid} s and preferred for ${found?.preferred} s${exact ? `, not ${prefixLifetimes.valid} s and ${prefixLifetimes.preferred} s` : ''}.`,
    ),
  ];
}

function optionFaults(host: Host, ra: RouterAdvertisement, advert: RouterAdvert): readonly Fault[] {
  const { nat64 } = host;
  const route = nat64 === undefined ? undefined : formatNetwork(nat64.prefix);
  const pref64 = route !== undefined && sendsPref64(host) ? [route] : [];
  return [
    ...listFaults(
      'ra-resolvers',
      'name servers (RDNSS)',
      ra.resolvers.map(formatAddress),
      advert.resolvers.map(({ address, lifetime }) => [formatAddress(address), lifetime]),
      ra.lifetime,
    ),
    ...listFaults(
      'ra-search',
      'search domains (DNSSL)',
      ra.search.map((one) => one.toLowerCase()),
      advert.search.map(({ domain, lifetime }) => [domain.toLowerCase(), lifetime]),
      ra.lifetime,
    ),
    ...listFaults(
      'ra-routes',
      'routes',
      route === undefined ? [] : [route],
      advert.routes.map(({ to, lifetime }) => [formatNetwork(to), lifetime]),
      ra.lifetime,
    ),
    ...listFaults(
      'ra-pref64',
      'NAT64 prefixes (PREF64)',
      pref64,
      advert.pref64.map(({ prefix, lifetime }) => [formatNetwork(prefix), lifetime]),
      pref64Lifetime(ra.lifetime),
    ),
  ];
}

function listFaults(
  id: string,
  name: string,
  wanted: readonly string[],
  found: readonly (readonly [value: string, lifetime: number])[],
  lifetime: number,
): readonly Fault[] {
  const values = found.map(([value]) => value);
  const same = wanted.length === values.length && wanted.every((one) => values.includes(one));
  const other = found.find((one) => one[1] !== lifetime);
  const shown = (list: readonly string[]): string => list.join(', ') || 'none';
  return [
    ...when(!same, id, () => `Of ${name}, ${shown(values)} advertised, not ${shown(wanted)}.`),
    ...when(
      same && other !== undefined,
      id,
      () => `Of ${name}, ${other?.[0]} holds for ${other?.[1]} s, not ${lifetime} s.`,
    ),
  ];
}

function when(is: boolean, id: string, text: () => string): readonly Fault[] {
  return is ? [[id, text()]] : [];
}

function contents({ inside }: Host, advert: RouterAdvert): string {
  const resolvers = advert.resolvers.map(({ address }) => formatAddress(address));
  return [
    formatNetwork(inside.network),
    ...(resolvers.length === 0 ? [] : [`name server ${resolvers.join(', ')}`]),
    ...advert.routes.map(({ to }) => `a route to ${formatNetwork(to)}`),
    ...(advert.pref64.length === 0 ? [] : ['PREF64']),
    ...(advert.search.length === 0
      ? []
      : [`search ${advert.search.map(({ domain }) => domain).join(', ')}`]),
  ].join(', ');
}

/** The client's own way through an advertisement: address, router, route. */
export function judgeClient(host: Host, { client, kernel }: Seen): readonly VerifyFinding[] {
  const about = findingsAbout('client');
  if (host.ra === undefined) return [];
  if (client.kind === 'blind') {
    return [about.notTested('client', 'No client could be put on the inside.', client.why)];
  }
  const { adverts, deaf, addresses, routes, address, takesRoutes } = client.value;
  if (adverts.length === 0 && deaf === undefined) {
    const cause = 'No advertisement came; what follows was tested with addresses set by hand.';
    return [about.notTested('client', 'A client gets no address and no router.', cause)];
  }
  const inside = kernel.devices.find(({ name }) => name === host.inside.device);
  const isHost = (via: typeof address): boolean =>
    inside?.addresses.some((one) => sameAddress(one.address, via)) === true;
  const routers = routes.flatMap(({ to, via }) =>
    to.length === 0 && via !== undefined ? [via] : [],
  );
  const own = addresses.some((one) => sameAddress(one.address, address));
  const others = addresses.filter((one) => !sameAddress(one.address, address));
  const why = {
    cause: 'The advertisement does not say what host.toml has; see there.',
    remedy: 'Correct the advertisement first.',
  };
  const made = others.map((one) => formatAddress(one.address)).join(', ') || 'none';
  return [
    own && others.length === 0
      ? about.ok('client-address', `A client makes itself ${formatAddress(address)}.`)
      : about.wrong(
          'client-address',
          `A client has ${own ? 'also ' : ''}the address ${made}.`,
          why,
        ),
    routers.length > 0 && routers.every(isHost)
      ? about.ok('client-router', 'Its router is this host.')
      : about.wrong(
          'client-router',
          `Its router is ${routers.map(formatAddress).join(', ') || 'nobody'}, not this host.`,
          why,
        ),
    ...nat64Route(host, client.value, takesRoutes),
  ];
}

function nat64Route(
  { nat64 }: Host,
  { routes }: ClientSeen,
  takesRoutes: boolean,
): readonly VerifyFinding[] {
  const about = findingsAbout('client');
  if (nat64 === undefined) return [];
  const prefix = formatNetwork(nat64.prefix);
  if (!takesRoutes) {
    const cause = "This host's kernel takes no routes from advertisements.";
    return [about.notTested('client-nat64-route', `Whether a client takes ${prefix}.`, cause)];
  }
  return routes.some(({ to }) => sameNetwork(to, nat64.prefix))
    ? [about.ok('client-nat64-route', `It has a route to ${prefix}.`)]
    : [
        about.doubtful('client-nat64-route', `It has no route to ${prefix} of its own.`, {
          cause: 'None was advertised that its kernel took.',
          remedy: 'Packets go there by the default route as long as this host is the only router.',
        }),
      ];
}
