/**
 * How each key of host.toml is written, as it stands behind `=`: an error ends with the right form. A test compares this
 * with the shape, key by key.
 */
export const examples: Readonly<Record<string, string>> = {
  domain: '"example.org"',
  release: '"debian12"',
  manager: '"networkd"',
  resolvers: '["2a01:4f8:0:1::add:1010"]',
  uplink: '{device = "eno1"}',
  'uplink.device': '"eno1"',
  'uplink.mac': '"00:24:21:21:ac:99"',
  'uplink.mode': '"routed-link-local"',
  'uplink.proxy': '"ndppd"',
  ipv6: '{network = "2a01:4f8:1:3::/64"}',
  'ipv6.network': '"2a01:4f8:1:3::/64"',
  'ipv6.address': '"2a01:4f8:1:3::2"',
  'ipv6.seed': '"c3f1b7a05f2e4d10"',
  'ipv6.gateway': '"fe80::1"',
  ipv4: '{address = "45.67.90.10", gateway = "45.67.90.1"}',
  'ipv4.address': '"45.67.90.10"',
  'ipv4.gateway': '"45.67.90.1"',
  'ipv4.networks': '["45.67.91.7/32"]',
  'ipv4.on-link': 'true',
  inside: '{device = "br0"}',
  'inside.device': '"br0"',
  'inside.bridge': 'false',
  'inside.network': '"2a01:4f8:1:3::/64"',
  'inside.address': '"2a01:4f8:1:3::1"',
  'inside.mac': '"02:24:21:21:ac:99"',
  'inside.ports': '["eth1"]',
  nat64: '{}',
  'nat64.engine': '"tayga"',
  'nat64.prefix': '"64:ff9b::/96"',
  'nat64.pool': '"192.168.255.0/24"',
  'nat64.ipv4': '"192.168.255.1"',
  'nat64.ipv6': '"random"',
  dns64: '{}',
  'dns64.engine': '"bind"',
  'dns64.forwarders': '["2a01:4f8:0:1::add:1010"]',
  'dns64.clients': '["2a01:4f8:1:3::/64"]',
  'dns64.validate': 'false',
  'dns64.break-dnssec': 'true',
  ra: '{}',
  'ra.engine': '"radvd"',
  'ra.interval': '600',
  'ra.lifetime': '1800',
  'ra.resolvers': '["2001:4860:4860::6464"]',
  'ra.search': '["example.org"]',
  'ra.pref64': '"auto"',
  relay: '{to = "hub"}',
  'relay.to': '"hub"',
  'relay.as': '"192.168.255.254"',
  vm: '{hub = {mac = "52:54:00:12:34:56"}}',
  'vm.*': '{mac = "52:54:00:12:34:56"}',
  'vm.*.mac': '"52:54:00:12:34:56"',
  'vm.*.ipv4': '"45.67.91.7"',
  'vm.*.memory': '4096',
  'vm.*.cpus': '2',
  'vm.*.disk': '20',
  'vm.*.iso': '"/var/lib/libvirt/images/debian.iso"',
  route: '[{to = "2a01:4f8:9::/48", via = "fe80::b", device = "eth1"}]',
  'route.to': '"2a01:4f8:9::/48"',
  'route.via': '"fe80::b"',
  'route.device': '"eth1"',
  link: '{eth1 = {accept = true}}',
  'link.*': '{accept = true}',
  'link.*.addresses': '["10.7.0.1/24"]',
  'link.*.announce': '["2a01:4f8:1:3::/64"]',
  'link.*.accept': 'true',
  extras: '{tmp-size = "2g"}',
  'extras.tmp-size': '"2g"',
  'extras.kvm': 'true',
  'extras.libvirt-users': '["dh"]',
  'extras.raid-mail': '"root@example.org"',
};

/** Of a path in the file: without the host's name, a VM's, a card's, and without places in lists. */
export function keyOf(path: readonly PropertyKey[]): string {
  const below = path.slice(2).filter((step) => typeof step !== 'number');
  const named = below[0] === 'vm' || below[0] === 'link';
  return below.map((step, index) => (named && index === 1 ? '*' : String(step))).join('.');
}

/** The tables that have a key of this name, as their headers in the file of this host. */
export function homesOf(key: string, host: string): readonly (readonly string[])[] {
  return Object.keys(examples).flatMap((whole) => {
    const steps = whole.split('.');
    if (steps.at(-1) !== key) return [];
    return [['host', host, ...steps.slice(0, -1).map((step) => (step === '*' ? 'NAME' : step))]];
  });
}

/** What may stand in a table; none where the path leads to no table. */
export function keysOf(path: readonly PropertyKey[]): readonly string[] {
  if (path.length < 2) return path.length === 0 ? ['host'] : [];
  const above = keyOf(path);
  const prefix = above === '' ? '' : `${above}.`;
  return Object.keys(examples).flatMap((whole) => {
    const rest = whole.startsWith(prefix) ? whole.slice(prefix.length) : '';
    return rest === '' || rest.includes('.') || rest === '*' ? [] : [rest];
  });
}
