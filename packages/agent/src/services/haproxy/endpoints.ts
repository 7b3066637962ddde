import { loopbacks, type LocalAddresses } from '../local-addresses.js';
import type { Socket } from './bind.js';

/**
 * A socket for one address takes its clients away from one for any. Two for the same share them, and which one a client
 * meets is the kernel's choice (SO_REUSEPORT): nothing can be said of them.
 */
export function endpointsOf(
  { host, port, both }: Socket,
  sockets: readonly Socket[],
  local: LocalAddresses,
): readonly { readonly host: string; readonly port: number }[] {
  const count = (at: string): number =>
    sockets.filter((other) => other.host === at && other.port === port).length;
  if (count(host) > 1) return [];
  const at = (hosts: readonly string[]): readonly { host: string; port: number }[] =>
    hosts.map((each) => ({ host: each, port }));
  const shared = (hosts: readonly string[]): readonly string[] =>
    hosts.filter((each) => count(each) === 0);
  if (host === '0.0.0.0') return at(shared(loopbacks({ v4: true, v6: false }, local)));
  if (host === '::') {
    const v4 = (both ?? !local.v6only) && count('0.0.0.0') === 0;
    return at(shared(loopbacks({ v4, v6: true }, local)));
  }
  return local.has(host) ? at([host]) : [];
}
