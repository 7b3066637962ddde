import { routerLifetime } from '../domain/advertising.js';
import type { Host } from '../domain/host.js';
import { formatAddress } from '../domain/ip-address.js';
import { formatNetwork } from '../domain/ip-network.js';
import { sendsPref64 } from '../domain/software.js';

/** networkd's own router advertisements, as sections of a .network file; none where radvd sends them. */
export function sendingSections(host: Host, device: string): readonly string[] {
  const { ra, inside, links } = host;
  if (ra?.engine !== 'networkd') return [];
  if (device === inside.device) return insideSections(host);
  const link = links.find((one) => one.device === device);
  if (link === undefined || link.announce.length === 0) return [];
  return [
    '',
    "# The others on this link are told what is behind this host; it is nobody's default router (lifetime 0).",
    '[Network]',
    'IPv6SendRA=yes',
    '',
    '[IPv6SendRA]',
    'RouterLifetimeSec=0',
    ...link.announce.flatMap((one) => routePrefix(formatNetwork(one), ra.lifetime)),
  ];
}

function insideSections(host: Host): readonly string[] {
  const { ra, inside, nat64 } = host;
  if (ra === undefined) return [];
  return [
    '',
    '[Network]',
    'IPv6SendRA=yes',
    '',
    '[IPv6SendRA]',
    `RouterLifetimeSec=${routerLifetime(ra.interval)}`,
    'RouterPreference=high',
    ...(ra.resolvers.length === 0
      ? ['EmitDNS=no']
      : [
          'EmitDNS=yes',
          `DNS=${ra.resolvers.map(formatAddress).join(' ')}`,
          `DNSLifetimeSec=${ra.lifetime}`,
        ]),
    ...(ra.search.length === 0
      ? ['EmitDomains=no']
      : ['EmitDomains=yes', `Domains=${ra.search.join(' ')}`]),
    '',
    '[IPv6Prefix]',
    `Prefix=${formatNetwork(inside.network)}`,
    ...(nat64 === undefined ? [] : routePrefix(formatNetwork(nat64.prefix), ra.lifetime)),
    ...(nat64 === undefined || !sendsPref64(host)
      ? []
      : [
          '',
          '[IPv6PREF64Prefix]',
          `Prefix=${formatNetwork(nat64.prefix)}`,
          `LifetimeSec=${ra.lifetime}`,
        ]),
  ];
}

function routePrefix(route: string, lifetime: number): readonly string[] {
  return ['', '[IPv6RoutePrefix]', `Route=${route}`, `LifetimeSec=${lifetime}`];
}
