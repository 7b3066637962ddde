import type { Route, Way } from '@sixhub/acme-dns';
import { notTested, ok, type Finding } from '@sixhub/base/finding';

/** Addresses of a root name server, of which only the way there is looked at; nothing is sent. */
const farAway = { IPv6: '2001:500:2::c', IPv4: '192.33.4.12' } as const;

/** By which ways this machine sees the world; what it can't see is not tested further on. */
export async function examineMachine(route: Pick<Route, 'to'>): Promise<readonly Finding[]> {
  return Promise.all(
    Object.entries(farAway).map(async ([version, address]) =>
      describe(version, await route.to(address)),
    ),
  );
}

function describe(version: string, way: Way): Finding {
  switch (way.kind) {
    case 'direct':
      return ok(`${version}: this machine has a route`);
    case 'nat64':
      return ok(`${version}: through the NAT64 of this network, ${way.prefix}`);
    case 'none':
      return notTested(`${version}: ${way.reason}`, 'What has nothing else is not tested below.');
    default:
      return way satisfies never;
  }
}
