import { pref64Lifetime, prefixLifetimes, routerLifetime } from '../domain/advertising.js';
import type { Host, RouterAdvertisement } from '../domain/host.js';
import { formatAddress } from '../domain/ip-address.js';
import { formatNetwork } from '../domain/ip-network.js';
import { sendsPref64 } from '../domain/software.js';
import { text, type Part } from './part.js';

/** radvd.conf(5). Every lifetime is written out: 2.19 lets resolvers lapse after one interval. */
export function radvdFiles(host: Host): readonly Part[] {
  const { ra, links } = host;
  if (ra?.engine === 'networkd') return [];
  const announcing = links.filter(({ announce }) => announce.length > 0);
  if (ra === undefined && announcing.length === 0) return [];
  return [
    {
      path: '/etc/radvd.conf',
      purpose: 'Router advertisements: by them the VMs configure themselves.',
      body: text([
        ...(ra === undefined ? [] : inside(host, ra)),
        ...announcing.flatMap(({ device, announce }) => [
          '',
          "# Told to the other hosts on this link; nobody's default router (lifetime 0).",
          `interface ${device} {`,
          '  AdvSendAdvert on;',
          '  IgnoreIfMissing on;',
          '  AdvDefaultLifetime 0;',
          ...announce.map(
            (one) => `  route ${formatNetwork(one)} { AdvRouteLifetime ${ra?.lifetime ?? 1800}; };`,
          ),
          '};',
        ]),
      ]),
      taker: { kind: 'service', unit: 'radvd.service', how: 'reload' },
    },
  ];
}

function inside(host: Host, ra: RouterAdvertisement): readonly string[] {
  const { inside, nat64 } = host;
  return [
    `interface ${inside.device} {`,
    '  AdvSendAdvert on;',
    '  # A bridge without a running VM is not up; radvd waits for it.',
    '  IgnoreIfMissing on;',
    // RFC 4861 §6.2.1: three seconds at least, three quarters of the other at most.
    `  MinRtrAdvInterval ${Math.max(3, Math.floor(ra.interval / 3))};`,
    `  MaxRtrAdvInterval ${ra.interval};`,
    '  AdvManagedFlag off;',
    '  AdvOtherConfigFlag off;',
    '  AdvDefaultPreference high;',
    `  AdvDefaultLifetime ${routerLifetime(ra.interval)};`,
    `  prefix ${formatNetwork(inside.network)} {`,
    '    AdvOnLink on;',
    '    AdvAutonomous on;',
    `    AdvValidLifetime ${prefixLifetimes.valid};`,
    `    AdvPreferredLifetime ${prefixLifetimes.preferred};`,
    '  };',
    ...(ra.resolvers.length === 0
      ? []
      : [
          `  RDNSS ${ra.resolvers.map(formatAddress).join(' ')} {`,
          `    AdvRDNSSLifetime ${ra.lifetime};`,
          '  };',
        ]),
    ...(ra.search.length === 0
      ? []
      : [`  DNSSL ${ra.search.join(' ')} {`, `    AdvDNSSLLifetime ${ra.lifetime};`, '  };']),
    ...(nat64 === undefined
      ? []
      : [
          `  route ${formatNetwork(nat64.prefix)} {`,
          `    AdvRouteLifetime ${ra.lifetime};`,
          '  };',
          ...(sendsPref64(host)
            ? [
                `  nat64prefix ${formatNetwork(nat64.prefix)} {`,
                `    AdvValidLifetime ${pref64Lifetime(ra.lifetime)};`,
                '  };',
              ]
            : []),
        ]),
    '};',
  ];
}
