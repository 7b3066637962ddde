import type { RunProgram } from '@sixhub/base';
import type { AddressFact, RouteFact } from '../domain/facts.js';
import type { Host, Nat64 } from '../domain/host.js';
import { formatAddress, sameAddress, type IpAddress } from '../domain/ip-address.js';
import { sameNetwork } from '../domain/ip-network.js';
import { parseRouterAdvert, type RouterAdvert } from '../domain/verify/router-advert.js';
import type { ClientSeen, MachineSeen, NamesSeen } from '../domain/verify/seen.js';
import type { Endpoint, Targets } from '../domain/verify/targets.js';
import { readDevices, readRoutes } from '../facts/devices.js';
import { readNeighbours } from '../facts/neighbours.js';
import { clientDevice, completeByHand, type Client } from '../probe/client.js';
import { isBait, sendBait } from '../probe/bait.js';
import { echoes } from '../probe/echo.js';

/** A multicast advertisement waits for three seconds after the one before, and half a second by chance. */
const advertWithinMs = 4_000;
const configuredWithinMs = 500;
const answerWithinMs = 2_000;

export async function lookAsClient(
  host: Host,
  run: RunProgram,
  client: Client,
  targets: Targets,
): Promise<ClientSeen> {
  const { mac, address, namespace, takesRoutes } = client;
  const wanted = host.ra !== undefined;
  const deaf = 'reason' in client.adverts ? client.adverts.reason : undefined;
  const baited = await listen(host, run, client.adverts);
  // Who hears no advertisement sees what the kernel makes of it all the same.
  const withinMs = deaf === undefined ? configuredWithinMs : advertWithinMs;
  const taken = await configured(client, wanted ? withinMs : 0);
  const adverts = 'reason' in client.adverts ? [] : heard(client.adverts.frames);
  await completeByHand(client, host, {
    address: !taken.addresses.some((one) => sameAddress(one.address, address)),
    router: !taken.routes.some(({ to, via }) => to.length === 0 && via !== undefined),
    nat64: !taken.routes.some(({ to }) => isTranslated(host, to)),
  });
  const [names, ipv4, ipv6, machines] = await Promise.all([
    askNames(host, client, adverts, targets),
    host.nat64 === undefined
      ? undefined
      : namespace.reach(translated(host.nat64, targets.ipv4), address, answerWithinMs),
    namespace.reach(targets.ipv6, address, answerWithinMs),
    askMachines(host, namespace.run),
  ]);
  const judged = { names, ipv4, ipv6, machines };
  return { mac, address, adverts, deaf, baited, takesRoutes, ...taken, ...judged };
}

/** Until ours has come; and whether the one came that is sent to be kept in. */
async function listen(host: Host, run: RunProgram, adverts: Client['adverts']): Promise<boolean> {
  if ('reason' in adverts) return false;
  const wantedMs = host.ra === undefined ? 0 : advertWithinMs;
  await adverts.until((frames) => heard(frames).some((one) => isOurs(one, host)), wantedMs);
  const sent = await sendBait(run, host.inside.device);
  return sent && adverts.until((frames) => frames.some(isBait), 500);
}

function heard(frames: readonly Buffer[]): readonly RouterAdvert[] {
  return frames.flatMap((frame) => parseRouterAdvert(frame) ?? []);
}

/** Good enough to stop waiting for another; whose it is, is judged elsewhere. */
function isOurs({ prefixes, lifetime }: RouterAdvert, { inside }: Host): boolean {
  return lifetime > 0 && prefixes.some(({ prefix }) => sameNetwork(prefix, inside.network));
}

interface Taken {
  readonly addresses: readonly AddressFact[];
  readonly routes: readonly RouteFact[];
}

/** The kernel takes an advertisement a moment after tcpdump has seen it. */
async function configured(client: Client, withinMs: number): Promise<Taken> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const [devices, routes] = await Promise.all([
      readDevices(client.namespace.run),
      readRoutes(client.namespace.run),
    ]);
    const own = devices?.find(({ name }) => name === clientDevice)?.addresses ?? [];
    const taken = { addresses: own.filter(({ dynamic }) => dynamic), routes };
    const whole =
      taken.addresses.some(({ address }) => sameAddress(address, client.address)) &&
      routes.some(({ to, protocol }) => to.length === 0 && protocol === 'ra');
    if (whole || performance.now() > deadline) return taken;
  }
}

function isTranslated({ nat64 }: Host, to: RouteFact['to']): boolean {
  return nat64 !== undefined && sameNetwork(to, nat64.prefix);
}

/** RFC 6052 §2.2, for a /96. */
function translated({ prefix }: Nat64, { address, port }: Endpoint): Endpoint {
  return { address: { family: 6, bits: prefix.bits | address.bits }, port };
}

/** The name server that an advertisement names: one that is only in a file is nobody's. */
async function askNames(
  { ra, dns64, nat64, inside }: Host,
  { namespace, address }: Client,
  adverts: readonly RouterAdvert[],
  { ipv4Name, ipv6Name }: Targets,
): Promise<NamesSeen | undefined> {
  if (nat64 === undefined) return undefined;
  const advertised = adverts.flatMap(({ resolvers }) => resolvers)[0]?.address;
  const described: IpAddress | undefined =
    ra?.resolvers[0] ?? (dns64 === undefined ? undefined : inside.address);
  const server = described === undefined ? undefined : (advertised ?? described);
  if (server === undefined) return undefined;
  const ask = (name: string, type: 'A' | 'AAAA') =>
    namespace.lookUp({ server, from: address, name, type, withinMs: answerWithinMs });
  const [four, made, six] = await Promise.all([
    ask(ipv4Name, 'A'),
    ask(ipv4Name, 'AAAA'),
    ask(ipv6Name, 'AAAA'),
  ]);
  return { server, four, made, six };
}

const atOnce = 128;

async function askMachines(
  { vms }: Host,
  run: RunProgram,
): Promise<ReadonlyMap<string, MachineSeen>> {
  const echoed = new Map<string, boolean>();
  for (let first = 0; first < vms.length; first += atOnce) {
    await Promise.all(
      vms.slice(first, first + atOnce).map(async ({ name, address }) => {
        echoed.set(name, await echoes(run, address, 2));
      }),
    );
  }
  const neighbours = await readNeighbours(run);
  return new Map(
    vms.map(({ name, address }) => {
      const mac = neighbours.get(formatAddress(address));
      return [name, { echo: echoed.get(name) === true, mac }];
    }),
  );
}
