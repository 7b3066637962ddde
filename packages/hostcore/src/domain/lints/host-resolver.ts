import type { Facts } from '../facts.js';
import type { Host } from '../host.js';
import { formatAddress } from '../ip-address.js';
import type { Found, Lint } from '../lint.js';

/** Whom the host itself asks: a .network file tells systemd-resolved, and nobody tells /etc/resolv.conf. */
export const hostResolverLints: readonly Lint[] = [
  {
    id: 'resolvers-untold',
    needs: ['packages'],
    severity: 'warning',
    reason:
      'networkd and netplan hand name servers to systemd-resolved alone; without it the host asks whom /etc/resolv.conf names, and a host that resolves nothing installs nothing.',
    clause: 'systemd.network(5) DNS=, resolv.conf(5)',
    find: untold,
  },
];

function* untold(host: Host, { packages, files }: Facts): Generator<Found> {
  const wanted = host.resolvers.map(formatAddress);
  if (wanted.length === 0 || packages === undefined) return;
  const text = files.get('/etc/resolv.conf');
  const asked = [...(text ?? '').matchAll(/^\s*nameserver\s+(\S+)/gm)].flatMap(
    ([, one]) => one ?? [],
  );
  const maker = /resolvconf|NetworkManager|dhclient|dhcpcd/.exec(text ?? '')?.[0];
  const asksOurs = asked.some((one) => wanted.includes(one)) && maker === undefined;
  const now =
    text === undefined
      ? '/etc/resolv.conf is not there'
      : asked.length === 0
        ? '/etc/resolv.conf names nobody'
        : `/etc/resolv.conf asks ${asked.join(', ')}`;
  const by =
    maker === undefined
      ? ''
      : ` (written by ${maker}, which may lose them with the old configuration)`;
  const path = ['resolvers'];
  if (!hasResolved(host, packages)) {
    if (asksOurs) return;
    yield {
      path,
      fact: `systemd-resolved is not installed, so nobody takes ${wanted.join(', ')}; ${now}${by}`,
      remedy: `apt install systemd-resolved; or make /etc/resolv.conf a file of your own with: ${written(wanted)}`,
    };
  } else if (text !== undefined && !asksOurs && !/127\.0\.0\.53|systemd-resolved/.test(text)) {
    yield {
      path,
      fact: `${now}${by}, and not systemd-resolved, which is told ${wanted.join(', ')}`,
      remedy: 'ln -sf ../run/systemd/resolve/stub-resolv.conf /etc/resolv.conf',
    };
  }
}

/** A package of its own since Debian 12 and Ubuntu 24.04. */
function hasResolved({ release }: Host, packages: ReadonlyMap<string, string>): boolean {
  return packages.has('systemd-resolved') || (release === 'ubuntu22.04' && packages.has('systemd'));
}

/** resolv.conf(5): three at most are asked. */
function written(wanted: readonly string[]): string {
  return wanted
    .slice(0, 3)
    .map((one) => `nameserver ${one}`)
    .join(', ');
}
