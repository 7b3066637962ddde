import * as z from 'zod';
import {
  dns64Engines,
  managers,
  nat64Engines,
  neighbourProxies,
  pref64Choices,
  raEngines,
  releases,
  uplinkModes,
} from '../domain/host.js';
import {
  address,
  addressOrRandom,
  device,
  domainName,
  hostLabel,
  interfaced,
  ipNetwork,
  mac,
} from './values.js';

/**
 * The shape of host.toml, table by table, with what each key is for: editors show it (`hostcore schema`), and
 * docs/host.toml.md is compared with it. What no single key can say of itself is judged in `describe.ts`.
 */
const one = (words: readonly [string, ...string[]]): z.ZodType<string> =>
  z.enum(words, { error: `is none of ${words.join(', ')}` });
function choice<const T extends readonly [string, ...string[]]>(words: T): z.ZodType<T[number]> {
  return one(words);
}
const told = <T extends z.ZodType>(about: string, type: T): T => type.describe(about);

const uplink = z.strictObject({
  device: told('The card towards the provider, as `ip link` names it.', device),
  mac: told(
    'Its MAC address. Needed for mode bridged; in the others it proves the device.',
    mac.optional(),
  ),
  mode: told(
    "How the provider delivers IPv6. routed-link-local: the network is routed to the card's link-local address; bridged: the card is a port of the bridge; on-link: the provider looks for each address by neighbour discovery; routed-prefix: more than a /64 is routed.",
    choice(uplinkModes).default('routed-link-local'),
  ),
  proxy: told(
    'With mode on-link: who answers for the VMs. ndppd for every address, kernel for the VMs of this file.',
    choice(neighbourProxies).default('ndppd'),
  ),
});

const ipv6 = z.strictObject({
  network: told('What the provider gave, like "2a01:4f8:1:3::/64".', ipNetwork(6)),
  address: told(
    'The host\'s own, in this network; or "random": a host part that looks random and stays.',
    addressOrRandom.prefault('random'),
  ),
  seed: told(
    'What "random" is derived from; `hostcore init` writes one. Without it, the MAC address alone decides.',
    z.string().min(16, 'is shorter than 16 characters: too easy to guess').optional(),
  ),
  gateway: told("The provider's router.", address(6).prefault('fe80::1')),
});

const ipv4 = z.strictObject({
  address: told("The host's own, /32 unless a length is given.", interfaced(4)),
  gateway: told("The provider's router.", address(4)),
  networks: told(
    'Further IPv4 networks that the provider routes to this host.',
    z.array(ipNetwork(4)).default([]),
  ),
  'on-link': told(
    "The provider looks for VMs' IPv4 addresses on the link (ARP), instead of routing them to the host's.",
    z.boolean().default(false),
  ),
});

const inside = z.strictObject({
  device: told(
    'The bridge of the VMs; or, with bridge = false, the card towards the machines.',
    device.default('br0'),
  ),
  bridge: told('false: a router for real machines, without VMs.', z.boolean().default(true)),
  network: told(
    "The /64 of the inside; the provider's unless it gave more.",
    ipNetwork(6).optional(),
  ),
  address: told("The host's address there; its own unless said.", address(6).optional()),
  mac: told(
    "The bridge's MAC address; derived unless said, and the card's with mode bridged.",
    mac.optional(),
  ),
  ports: told('Cards that are ports of the bridge beside the VMs.', z.array(device).default([])),
});

const vm = z.strictObject({
  mac: told('Its MAC address: the IPv6 address follows from it (SLAAC, EUI-64).', mac),
  ipv4: told(
    "An IPv4 address of its own. Only for what can't do without: a mail server.",
    address(4).optional(),
  ),
  memory: told('Memory in MB, for its virt-install line.', z.int().min(64).default(2048)),
  cpus: told('Processors, for its virt-install line.', z.int().min(1).default(2)),
  disk: told('Size of its disk in GB, for its virt-install line.', z.int().min(1).default(20)),
  iso: told(
    'The installation image, for its virt-install line.',
    z.string().regex(/^\//, 'is no whole path: it begins with /').optional(),
  ),
});

const nat64 = z.strictObject({
  engine: told(
    'tayga runs everywhere; jool needs its kernel module.',
    choice(nat64Engines).default('tayga'),
  ),
  prefix: told('A /96 that stands for all of IPv4.', ipNetwork(6).prefault('64:ff9b::/96')),
  pool: told(
    'Private IPv4 addresses, one for each machine that speaks through tayga.',
    ipNetwork(4).prefault('192.168.255.0/24'),
  ),
  ipv4: told("tayga's own IPv4 address; the first of the pool unless said.", address(4).optional()),
  ipv6: told(
    'tayga\'s own IPv6 address in the inside network, or "random".',
    addressOrRandom.prefault('random'),
  ),
});

const dns64 = z.strictObject({
  engine: told('bind or unbound.', choice(dns64Engines).default('bind')),
  forwarders: told('Who is asked; the resolvers unless said.', z.array(address()).optional()),
  clients: told(
    'Networks that may ask, beside the inside network.',
    z.array(ipNetwork()).default([]),
  ),
  validate: told('Whether it validates DNSSEC.', z.boolean().default(true)),
  'break-dnssec': told(
    'Make addresses also for a client that validates signed zones itself: it refuses them, but others behind it may not.',
    z.boolean().default(false),
  ),
});

const ra = z.strictObject({
  engine: told("radvd, or networkd's own.", choice(raEngines).default('radvd')),
  interval: told(
    'Seconds between advertisements at most.',
    z
      .int()
      .min(4, 'is not in 4 to 1800 (RFC 4861 §6.2.1)')
      .max(1800, 'is not in 4 to 1800 (RFC 4861 §6.2.1)')
      .default(600),
  ),
  lifetime: told(
    'Seconds for which resolvers and routes hold; three intervals unless said.',
    z.int().min(0).optional(),
  ),
  resolvers: told(
    "Name servers that are advertised: an external DNS64, say. The host's own DNS64 unless said.",
    z.array(address(6)).optional(),
  ),
  search: told("Search domains; the host's domain unless said.", z.array(domainName).optional()),
  pref64: told(
    'The NAT64 prefix as an option of its own (RFC 8781): auto where the software can.',
    choice(pref64Choices).default('auto'),
  ),
});

const relay = z.strictObject({
  to: told("The VM that port 53 (UDP and TCP) of the host's IPv4 address leads to.", hostLabel),
  as: told(
    'The address of the NAT64 pool that stands for it; the last but one unless said.',
    address(4).optional(),
  ),
});

const route = z.strictObject({
  to: told('Where to.', ipNetwork()),
  via: told('The next router; link-local ones are the rule in IPv6.', address().optional()),
  device: told('Through which device.', device),
});

const link = z.strictObject({
  addresses: told(
    'Addresses on this link, each with its length; none are needed.',
    z.array(interfaced()).default([]),
  ),
  announce: told(
    'Networks that the others on this link are told to reach through this host.',
    z.array(ipNetwork(6)).default([]),
  ),
  accept: told('Take the routes that the others announce.', z.boolean().default(false)),
});

const extras = z.strictObject({
  'tmp-size': told(
    '/tmp in memory, of this size, like "2g".',
    z
      .string()
      .regex(/^\d+(k|m|g|%)?$/, 'is no size of a tmpfs')
      .optional(),
  ),
  kvm: told(
    'vhost_net, and the packages of KVM; true where there are VMs.',
    z.boolean().optional(),
  ),
  'libvirt-users': told(
    'Who may manage the VMs (group libvirt).',
    z.array(z.string().regex(/^[a-z_][a-z0-9_-]{0,31}$/, 'is no user name')).default([]),
  ),
  'raid-mail': told(
    'Who is told when the RAID degrades.',
    z
      .string()
      .regex(/^[^\s@]+(@[^\s@]+)?$/, 'is no mail address')
      .optional(),
  ),
});

const host = z.strictObject({
  domain: told('The domain that the host and its VMs are in.', domainName.optional()),
  release: told('What runs on it.', choice(releases)),
  manager: told(
    'Who configures the network; on Ubuntu netplan, on Debian networkd, unless said.',
    choice(managers).optional(),
  ),
  resolvers: told('Recursive name servers, by address.', z.array(address()).default([])),
  uplink: told('The card towards the provider.', uplink),
  ipv6: told("What the provider gave, and the host's address in it.", ipv6),
  ipv4: told("The host's IPv4.", ipv4.optional()),
  inside: told('Where the VMs are.', inside.prefault({})),
  nat64: told('Translation to IPv4. An empty table is enough.', nat64.optional()),
  dns64: told('A name server that makes IPv6 addresses for what has IPv4 alone.', dns64.optional()),
  ra: told('Router advertisements: the VMs configure themselves.', ra.optional()),
  relay: told("Port 53 of the host's IPv4 address leads to a VM.", relay.optional()),
  vm: told('The virtual machines, by name.', z.record(hostLabel, vm).default({})),
  route: told('Static routes.', z.array(route).default([])),
  link: told('Further cards, towards other hosts.', z.record(device, link).default({})),
  extras: told('What the guide sets up beside the network.', extras.prefault({})),
});

export const hostToml = z.strictObject({
  host: told('The physical hosts of this estate, by name.', z.record(hostLabel, host)),
});

export type HostToml = z.infer<typeof hostToml>;
export type HostTable = HostToml['host'][string];

/** For editors: what may be typed, before it is a value of ours. */
export function hostTomlSchema(): object {
  return {
    ...z.toJSONSchema(hostToml, { io: 'input', unrepresentable: 'any' }),
    title: 'host.toml',
  };
}
