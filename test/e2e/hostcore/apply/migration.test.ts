import { expect, test } from 'vitest';
import { openLab, type Lab } from '../../../lab/index.js';
import {
  allReached,
  guideState,
  layGuideHost,
  rebooted,
  type GuideHost,
} from '../../../lab/guide-host.js';
import { openGround, type Ground } from '../../../lab/host-ground.js';
import { holdConnection, serveNumbers, type HeldConnection } from '../../../lab/held-connection.js';
import { hostNet, until, type HostNet } from '../../../lab/host-network.js';

interface Move {
  readonly name: string;
  readonly net: HostNet;
  readonly guide: GuideHost;
  /** What a person changes of what `hostcore adopt` wrote. */
  readonly edit: string;
  /** The bridge thereafter. */
  readonly bridge: string;
}

const moves: readonly Move[] = [
  {
    ...{ name: 'netplan', net: hostNet, bridge: 'br0' },
    guide: {
      ...{ manager: 'netplan', bridge: 'br0', own: '6745:a24b:cc39:9d1' },
      extra: { address: '45.67.91.7', vm: 1 },
    },
    edit: 's/mode = "bridged"/mode = "routed-link-local"/',
  },
  {
    ...{ name: 'ifupdown', net: hostNet, bridge: 'br0' },
    guide: {
      ...{ manager: 'ifupdown', bridge: 'br0', own: '6745:a24b:cc39:9d1' },
      extra: { address: '45.67.91.7', vm: 1 },
    },
    edit: 's/mode = "bridged"/mode = "routed-link-local"/',
  },
  {
    // 3.3.2 and the peer of 5.3, another card and bridge, three VMs, and a new bridge beside the old one.
    name: 'networkd, and to another bridge',
    net: {
      ...hostNet,
      ...{ network: '2a0e:97c0:4d2:5601::/64', prefix: '2a0e:97c0:4d2:5601' },
      ...{ resolver: '2a0e:97c0:1::53', resolver4: '93.184.210.53' },
      ...{ web6: '2a0e:97c0:1::80', web4: '93.184.210.7' },
      ...{ host4: '89.58.20.130', gateway4: '89.58.20.1', device: 'enp3s0' },
      ...{ card: '9c:6b:00:1f:e2:4d', cardLinkLocal: 'fe80::9e6b:ff:fe1f:e24d' },
      vmMacs: ['52:54:00:0a:00:01', '52:54:00:0a:00:02', '52:54:00:0a:00:03'],
      vmAddresses: ['1', '2', '3'].map((one) => `2a0e:97c0:4d2:5601:5054:ff:fe0a:${one}`),
    },
    guide: {
      ...{ manager: 'networkd', bridge: 'vmbr0', own: '9f3:77aa:1:4c2e' },
      extra: { address: '89.58.21.66', vm: 2 },
    },
    edit: 's/mode = "bridged"/mode = "routed-link-local"/; s/device = "vmbr0"/device = "br0"/',
    bridge: 'br0',
  },
];

test.each(moves)(
  "the guide's host by $name is moved to routed and back, with its VMs running",
  async (move) => {
    await using lab = await openLab();
    const { net, guide, bridge, edit } = move;
    const ground = await openGround(lab, '', { net, lay: layGuideHost(guide) });
    const { host } = ground;
    const held = await holdAll(lab, ground, guide);
    await allReached(ground, guide);
    expect(await host.hostcore('adopt', '-c', '/etc/sixhub/host.toml')).toMatchObject({ code: 0 });
    await host.shell(
      `sed -i '${edit}' /etc/sixhub/host.toml; printf '\\n[host.merlin.extras]\\nkvm = false\\n' >> /etc/sixhub/host.toml`,
    );
    const before = await guideState(ground);
    const words = ['--confirm-within', '60s', ...laboratory(net)];

    // Nobody confirms: it goes back by itself.
    const alone = ['apply', '--confirm-within', '3s', ...laboratory(net)];
    await go(ground, ...alone);
    await until(host, 'sh', ['-c', 'tail -n 1 /run/sixhub-hostcore/0001/journal'], /undone$/m);

    expect(await guideState(ground)).toBe(before);
    await allReached(ground, guide);
    await goOn(held);

    await go(ground, 'apply', ...words);
    expect(await ground.overSsh('confirm')).toMatchObject({ code: 0 });
    await asDescribed(ground);
    await allReached(ground, guide);
    await goOn(held);
    expect(await host.shell(`ls /sys/class/net/${bridge}/brif`)).toMatch(/^vnet0\nvnet1\n/);

    await go(ground, 'rollback', '2', '--confirm-within', '60s');
    expect(await ground.overSsh('confirm')).toMatchObject({ code: 0 });
    expect(await guideState(ground)).toBe(before);
    await allReached(ground, guide);
    await goOn(held);

    // And there again, for good: nothing of the guide's comes up at a boot.
    await go(ground, 'apply', ...words);
    expect(await ground.overSsh('confirm')).toMatchObject({ code: 0 });
    await rebooted(ground, bridge);
    await until(host, 'sh', ['-c', ground.line(['plan', '--json'])], /"empty":true/);
    expect(await host.shell('ebtables -t nat -L POSTROUTING')).not.toContain('snat');
    await allReached(ground, guide);
  },
  300_000,
);

function laboratory(net: HostNet): readonly string[] {
  return [
    ...['--ipv4-target', `${net.web4}:80`, '--ipv6-target', `[${net.web6}]:80`],
    ...['--ipv4-name', 'v4only.lab', '--ipv6-name', 'both.lab'],
  ];
}

async function asDescribed(ground: Ground): Promise<void> {
  const { stdout } = await ground.hostcore('plan', '--json');
  expect(JSON.parse(stdout)).toMatchObject({ empty: true });
}

function nat64({ web4 }: HostNet): string {
  return `64:ff9b::${web4
    .split('.')
    .map((part) => Number(part).toString(16).padStart(2, '0'))
    .join('')
    .replace(/^(....)/, '$1:')}`;
}

/** As VMs have them: a download and a session by IPv6, a session by IPv4, and one through the NAT64. */
async function holdAll(
  lab: Lab,
  { net, vms, provider }: Ground,
  guide: GuideHost,
): Promise<readonly HeldConnection[]> {
  await serveNumbers(lab, provider, [net.web4, net.web6]);
  const mail = vms[guide.extra.vm] ?? vms[0];
  return [
    await holdConnection(lab, vms[0], net.web6, 'listens'),
    await holdConnection(lab, vms[0], net.web6, 'answers'),
    await holdConnection(lab, mail, net.web4, 'listens'),
    await holdConnection(lab, vms[0], nat64(net), 'speaks'),
  ];
}

async function goOn(held: readonly HeldConnection[]): Promise<void> {
  for (const one of held) await one.goesOn();
}

async function go(ground: Ground, ...words: readonly string[]): Promise<void> {
  await ground.start(/NEW connection/, ...words).catch(async (cause: unknown) => {
    const journal = await ground.host.shell('tail -n 5 /run/sixhub-hostcore/*/journal');
    throw new Error(journal, { cause });
  });
}
