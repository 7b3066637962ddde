import { Opened, type RunProgram } from '@sixhub/base';
import type { Host } from '../domain/host.js';
import { formatAddress, type IpAddress } from '../domain/ip-address.js';
import { formatNetwork } from '../domain/ip-network.js';
import { openCapture, type Capture } from './capture.js';
import { deviceName, probeAddress, probeMac } from './names.js';
import { must, openNamespace, type Namespace } from './namespace.js';
import { settled } from './settled.js';

/** A client on the bridge like any VM, for as long as it is open. */
export interface Client extends AsyncDisposable {
  readonly namespace: Namespace;
  readonly mac: string;
  readonly address: IpAddress;
  /** Router advertisements that come in; or why they can't be heard. */
  readonly adverts: Capture | { readonly reason: string };
  readonly takesRoutes: boolean;
}

export const clientDevice = 'probe0';

export async function openClient(
  host: Host,
  run: RunProgram,
  program: readonly string[],
): Promise<Client> {
  await using opened = new Opened();
  const { inside, uplink } = host;
  const namespace = opened.use(await openNamespace(run, program));
  const [mac, address] = [probeMac(process.pid), probeAddress(inside.network, process.pid)];
  // A bridge without a MAC address of its own takes its ports' lowest: never this one's.
  const high = mac.replace('02:', 'fe:');
  const port = deviceName('client', process.pid);
  const peer = ['peer', 'name', clientDevice, 'address', mac, 'netns', String(namespace.pid)];
  await must(run, 'ip', 'link', 'add', port, 'address', high, 'type', 'veth', ...peer);
  opened.defer(async () => void (await run('ip', ['link', 'delete', port])));
  await must(run, 'ip', 'link', 'set', port, 'addrgenmode', 'none');
  await must(run, 'ip', 'link', 'set', port, 'master', inside.device, 'up');
  if (uplink.mode === 'on-link' && uplink.proxy === 'kernel') {
    // The kernel answers for the VMs of host.toml alone; for this one as long as it is here.
    const entry = ['proxy', formatAddress(address), 'dev', uplink.device];
    await run('ip', ['-6', 'neigh', 'add', ...entry]);
    opened.defer(async () => void (await run('ip', ['-6', 'neigh', 'delete', ...entry])));
  }
  const setting = `net/ipv6/conf/${clientDevice}`;
  const taken = await namespace.set([
    [`${setting}/disable_ipv6`, '1'],
    ...settings.map(([key, value]) => [`${setting}/${key}`, value] as const),
  ]);
  await must(namespace.run, 'ip', 'link', 'set', 'lo', 'up');
  await must(namespace.run, 'ip', 'link', 'set', clientDevice, 'up');
  const adverts = await openCapture({
    ...{ device: clientDevice, direction: 'in', namespace: namespace.pid },
    filter: 'icmp6 and ip6[40] == 134',
  });
  if (!('reason' in adverts)) opened.use(adverts);
  // Now the kernel takes a link-local address and solicits routers (RFC 4861 §6.3.7).
  await namespace.set([[`${setting}/disable_ipv6`, '0']]);
  const closing = opened.move();
  return {
    ...{ namespace, mac, address, adverts },
    takesRoutes: taken.includes(`${setting}/accept_ra_rt_info_max_plen`),
    [Symbol.asyncDispose]: () => closing[Symbol.asyncDispose](),
  };
}

/** A client as VMs are: autoconfigured (RFC 4862), with the address that follows from its MAC, and in no hurry lost. */
const settings: readonly (readonly [string, string])[] = [
  ['forwarding', '0'],
  ['accept_ra', '1'],
  ['accept_ra_defrtr', '1'],
  ['accept_ra_pinfo', '1'],
  ['accept_ra_rt_info_max_plen', '128'],
  ['autoconf', '1'],
  ['use_tempaddr', '0'],
  ['addr_gen_mode', '0'],
  ['accept_dad', '0'],
  ['dad_transmits', '0'],
  ['router_solicitation_delay', '0'],
  ['router_solicitation_interval', '1'],
];

/** What the advertisement did not give, so that the rest can be tested all the same. */
export async function completeByHand(
  { namespace, address }: Client,
  { inside, nat64 }: Host,
  lacks: { readonly address: boolean; readonly router: boolean; readonly nat64: boolean },
): Promise<void> {
  const via = ['via', formatAddress(inside.address), 'dev', clientDevice];
  const { run } = namespace;
  if (lacks.address) {
    const own = [`${formatAddress(address)}/${inside.network.length}`, 'dev', clientDevice];
    await run('ip', ['-6', 'address', 'replace', ...own, 'nodad']);
  }
  if (lacks.router) await run('ip', ['-6', 'route', 'replace', 'default', ...via, 'metric', '1']);
  if (lacks.nat64 && nat64 !== undefined) {
    await run('ip', ['-6', 'route', 'replace', formatNetwork(nat64.prefix), ...via, 'metric', '1']);
  }
  await settled(run, clientDevice);
}
