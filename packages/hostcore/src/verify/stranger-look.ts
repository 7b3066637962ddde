import type { RunProgram } from '@sixhub/base';
import type { Host } from '../domain/host.js';
import { sameAddress, type IpAddress } from '../domain/ip-address.js';
import type { StrangerSeen } from '../domain/verify/seen.js';
import { readNeighbours } from '../facts/neighbours.js';
import { echoes } from '../probe/echo.js';
import type { Stranger } from '../probe/stranger.js';

export async function lookAsStranger(
  host: Host,
  run: RunProgram,
  stranger: Stranger,
): Promise<StrangerSeen> {
  const { namespace, six, four } = stranger;
  const [heard, asked, ipv6, ipv4] = await Promise.all([
    echoes(namespace.run, host.inside.address, 2),
    Promise.all(
      ownServers(host).map(async (server) => {
        const from = server.family === 4 ? (four ?? six) : six;
        // Whatever is answered but REFUSED says that strangers are served, also where nobody upstream answers.
        const name = { name: 'ipv4only.arpa', type: 'A' as const };
        return {
          server,
          answer: await namespace.lookUp({ server, from, ...name, withinMs: 2_000 }),
        };
      }),
    ),
    echoed(host, (vm) => vm.address, namespace.run),
    echoed(host, (vm) => (four === undefined ? undefined : vm.ipv4), namespace.run),
  ]);
  const neighbours = await readNeighbours(run);
  const addresses = four === undefined ? [six] : [six, four];
  return { addresses, heard, asked, ipv6, ipv4, neighbours };
}

/** Where the host's name server could answer. Port 53 of an IPv4 address that is relayed is a VM's. */
function ownServers({ dns64, inside, ipv6, ipv4, relay }: Host): readonly IpAddress[] {
  if (dns64 === undefined) return [];
  const own4 = ipv4 === undefined || relay !== undefined ? [] : [ipv4.address.address];
  const own6 = sameAddress(inside.address, ipv6.address) ? [] : [ipv6.address];
  return [inside.address, ...own6, ...own4];
}

async function echoed(
  { vms }: Host,
  address: (vm: Host['vms'][number]) => IpAddress | undefined,
  run: RunProgram,
): Promise<ReadonlyMap<string, boolean>> {
  const found = await Promise.all(
    vms.slice(0, atMost).map(async (vm) => {
      const at = address(vm);
      return at === undefined ? [] : [[vm.name, await echoes(run, at, 2)] as const];
    }),
  );
  return new Map(found.flat());
}

/** So many tell whether what comes from outside is let in; the client asks every one. */
const atMost = 64;
