import type { Host } from '../host.js';
import { formatAddress, sameAddress } from '../ip-address.js';
import { formatInterfaced, formatNetwork } from '../ip-network.js';
import { layout } from '../layout.js';
import type { RenderedFile } from '../rendered.js';
import { wantedSysctls } from '../sysctls.js';
import { absentTopics } from './absent.js';
import { serviceTopics } from './services.js';
import { surroundingTopics } from './surroundings.js';
import type { Topic } from './topic.js';

/** Everything of a host that can be asked about, from its own description. */
export function topicsOf(host: Host, rendered: readonly RenderedFile[]): readonly Topic[] {
  return [
    ...addresses(host),
    ...devices(host),
    ...modeTopics(host),
    ...machines(host),
    ...serviceTopics(host),
    ...sysctls(host),
    ...files(rendered),
    ...absentTopics(host),
    ...surroundingTopics(host),
  ];
}

function addresses(host: Host): readonly Topic[] {
  return layout(host).flatMap(({ device, addresses: own, routes }) => [
    ...own.map((one): Topic => {
      const text = formatInterfaced(one);
      const address = formatAddress(one.address);
      return {
        title: `${text} on ${device}`,
        words: [text, address, `/${one.length}`, device, 'address'],
        text: [
          `${device} has ${text}: ${one.why}.`,
          ...lengthText(host, one.address.family, one.length),
        ],
        path: [one.address.family === 6 ? 'ipv6' : 'ipv4', 'address'],
      };
    }),
    ...routes.map((route): Topic => {
      const to = formatNetwork(route.to);
      const via = route.via === undefined ? '' : ` via ${formatAddress(route.via)}`;
      const isDefault = route.to.length === 0;
      return {
        title: `route to ${isDefault ? 'everything else' : to}${via} on ${device}`,
        words: [
          'route',
          to,
          device,
          ...(isDefault ? ['default', 'gateway', 'router'] : []),
          ...(route.via === undefined ? [] : [formatAddress(route.via)]),
        ],
        text: [
          `${isDefault ? 'What has no other way' : to} goes through ${device}${via}: ${route.why}.`,
          ...(route.via !== undefined && route.via.bits >> 118n === 0x3fan
            ? [
                `${formatAddress(route.via)} is link-local: it means the router on the link of ${device}, and only together with the device.`,
              ]
            : []),
        ],
        path: [route.to.family === 6 ? 'ipv6' : 'ipv4', 'gateway'],
      };
    }),
  ]);
}

function lengthText(host: Host, family: 4 | 6, length: number): readonly string[] {
  const { inside, uplink, ipv6 } = host;
  if (family === 6 && length === 128) {
    const both = sameAddress(inside.address, ipv6.address)
      ? ' The same address is on both, so that VMs, too, find the host by neighbour discovery.'
      : ` There the host is ${formatAddress(inside.address)}, which is where the VMs find it.`;
    return [
      `/128 says that nothing but this address is on the link of ${uplink.device}. With the network there, the host would look for the VMs at the provider; ${formatNetwork(inside.network)} is on ${inside.device} instead.${both}`,
    ];
  }
  if (family === 4 && length === 32) {
    return [
      '/32: the provider routes this one address; its router is reached by a route that says onlink.',
    ];
  }
  return [];
}

function devices(host: Host): readonly Topic[] {
  const { uplink, inside } = host;
  const bridged = uplink.mode === 'bridged';
  return [
    {
      title: `${uplink.device}, the uplink`,
      words: [
        uplink.device,
        'uplink',
        'nic',
        'card',
        ...(uplink.mac === undefined ? [] : [uplink.mac]),
      ],
      text: [
        `${uplink.device} is the card towards the provider${uplink.mac === undefined ? '' : `, with the MAC address ${uplink.mac}`}.`,
        bridged
          ? `It is a port of ${inside.device} and has no address of its own: what is the host's is on the bridge.`
          : `It is in no bridge: no frame of a VM leaves through it, so no MAC address has to be rewritten. Packets are routed between it and ${inside.device}.`,
      ],
      path: ['uplink', 'device'],
    },
    {
      title: `${inside.device}, the inside`,
      words: [
        inside.device,
        'bridge',
        'inside',
        ...(inside.mac === undefined ? [] : [inside.mac, 'mac']),
      ],
      text: [
        inside.bridge
          ? `${inside.device} is the bridge of the VMs: libvirt makes each one's card a port of it. It carries ${formatNetwork(inside.network)}.`
          : `Behind ${inside.device} are the machines that this router serves; it carries ${formatNetwork(inside.network)}.`,
        ...(inside.mac === undefined
          ? []
          : bridged
            ? [`It has the card's MAC address ${inside.mac}, the only one that the provider knows.`]
            : [
                `Its MAC address ${inside.mac} is fixed: a bridge without one takes its ports', and with it the VMs' router would change whenever a VM starts or stops.`,
              ]),
      ],
      path: ['inside'],
    },
  ];
}

const modeText: Readonly<Record<Host['uplink']['mode'], string>> = {
  'routed-link-local':
    'The provider sends the whole network to the link-local address of the card, so the host can be a plain router: card outside the bridge, network behind it. Nothing leaks and nothing is rewritten.',
  bridged:
    "The card is a port of the bridge. VMs' frames would reach the provider with MAC addresses that it does not know: rules rewrite them at the card, and keep router advertisements from it.",
  'on-link':
    "The provider looks for each address by neighbour discovery on the link. The card is outside the bridge, so somebody answers in the VMs' name: a neighbour discovery proxy.",
  'routed-prefix':
    'The provider routes more than a /64. One /64 of it is behind the bridge; what nobody has is unreachable, instead of going back and forth.',
};

function modeTopics({ uplink, inside }: Host): readonly Topic[] {
  const rewriting = uplink.mode === 'bridged';
  return [
    {
      title: `mode ${uplink.mode}`,
      words: [uplink.mode, 'mode', 'delivery', 'provider'],
      text: [modeText[uplink.mode]],
      path: ['uplink', 'mode'],
    },
    {
      title: 'MAC rewriting',
      words: [
        'ebtables',
        'rewriting',
        'rewrite',
        'snat',
        'leak',
        'mac',
        'sixhub_guard',
        'postrouting',
      ],
      text: [
        rewriting
          ? `At ${uplink.device} alone, every other source MAC address becomes ${uplink.mac ?? 'that of the card'} (nftables, table bridge sixhub_guard). The guide's ebtables rule named no device and rewrote frames between VMs as well.`
          : `There is none: with mode ${uplink.mode} no frame of a VM reaches ${uplink.device}. An ebtables line in /etc/rc.local is not needed any more.`,
      ],
      path: ['uplink', 'mode'],
    },
    {
      title: 'RA guard',
      words: ['ra-guard', 'guard', 'rogue', 'sixhub_guard', 'redirect'],
      text: [
        inside.bridge
          ? `Router advertisements, redirects and DHCP answers that come in at a port of the bridge are dropped (RFC 6105): no VM becomes the router of another. The host's own go out.`
          : 'There is none: it guards the ports of a bridge, and this is a router without one.',
      ],
      path: ['inside'],
    },
    ...(uplink.mode === 'on-link'
      ? [
          {
            title: 'neighbour discovery proxy',
            words: [
              'ndppd',
              'proxy',
              'proxy_ndp',
              'ndp',
              '/etc/ndppd.conf',
              'sixhub-ndppd.service',
            ],
            text: [
              uplink.proxy === 'ndppd'
                ? `ndppd answers at ${uplink.device} for every address that answers at ${inside.device}. Without it nobody outside finds a VM.`
                : `The kernel answers at ${uplink.device} for the addresses of the VMs in host.toml, and for no others. Without it nobody outside finds a VM.`,
            ],
            path: ['uplink', 'proxy'],
          },
        ]
      : []),
  ];
}

function machines(host: Host): readonly Topic[] {
  return host.vms.map((vm): Topic => {
    const address = formatAddress(vm.address);
    const four = vm.ipv4 === undefined ? undefined : formatAddress(vm.ipv4);
    return {
      title: `VM ${vm.name}`,
      words: [
        vm.name,
        address,
        vm.mac,
        'vm',
        'slaac',
        'eui-64',
        ...(four === undefined ? [] : [four, `${four}/32`]),
      ],
      text: [
        `VM ${vm.name} gives itself ${address}: the network ${formatNetwork(host.inside.network)}, and of its MAC address ${vm.mac} the two halves with ff:fe between them and the second-lowest bit of the first octet turned (RFC 4291 appendix A). The address stays as long as the MAC address does.`,
        ...(four === undefined || host.ipv4 === undefined
          ? []
          : [
              `It has ${four} as well: the host routes it to ${host.inside.device}, and the VM's router for IPv4 is the host, ${formatAddress(host.ipv4.address.address)}, not the provider's.`,
            ]),
        `What belongs into it is in /etc/sixhub/guests/${vm.name}.`,
      ],
      path: ['vm', vm.name],
    };
  });
}

function sysctls(host: Host): readonly Topic[] {
  return wantedSysctls(host).map(({ key, value, why }) => ({
    title: `${key} = ${value}`,
    words: [
      key,
      key.replaceAll('/', '.'),
      key.split('/').at(-1) ?? '',
      'sysctl',
      'forwarding',
      key.split('/').at(-2) ?? '',
    ].filter((word) => word !== 'forwarding' || key.includes('forward')),
    text: [`${key} is ${value}. ${why}`],
  }));
}

function files(rendered: readonly RenderedFile[]): readonly Topic[] {
  return rendered.map(({ path, purpose }) => ({
    title: path,
    words: [path, path.split('/').at(-1) ?? ''].map((word) => word.toLowerCase()),
    text: [`${purpose} \`hostcore render ${path}\` shows it.`],
  }));
}
