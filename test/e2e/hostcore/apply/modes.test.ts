import { expect, test } from 'vitest';
import { openLab } from '../../../lab/index.js';
import { hostNet, startVms, until } from '../../../lab/host-network.js';
import {
  applied,
  openGround,
  stateOf,
  usual,
  vmReaches,
  type Provided,
} from '../../../lab/host-ground.js';

const usualLines = {
  card: `mac = "${hostNet.card}"}`,
  network: `network = "${hostNet.network}"`,
  names: 'dns64.validate = false',
  advertisements: 'ra.interval = 4',
};

/** The usual description with other lines in it. */
function but(changes: Partial<typeof usualLines>, manager?: string): string {
  const toml = Object.entries(changes).reduce(
    (text, [key, line]) => text.replace(Reflect.get(usualLines, key), line),
    usual,
  );
  return manager === undefined ? toml : `${toml}`.replace('rel', `manager = "${manager}"\nrel`);
}
const mode = (words: string): Partial<typeof usualLines> => ({
  card: `mac = "${hostNet.card}", mode = ${words}}`,
});
const others = {
  names: 'dns64 = {engine = "unbound", validate = false}',
  advertisements: 'ra = {engine = "networkd", interval = 4}',
};

interface Walk {
  readonly name: string;
  readonly provided?: Provided;
  readonly first: string;
  readonly second: string;
}

const walks: readonly Walk[] = [
  { name: 'networkd: bridged, then routed', first: but(mode('"bridged"')), second: usual },
  {
    name: 'netplan: routed, then bridged',
    first: but({}, 'netplan'),
    second: but(mode('"bridged"'), 'netplan'),
  },
  {
    name: 'on-link: by ndppd, then by the kernel',
    provided: { delivery: 'on-link' },
    first: but(mode('"on-link"')),
    second: but(mode('"on-link", proxy = "kernel"')),
  },
  {
    name: 'a /56 is routed: by networkd, then by netplan',
    provided: { network: '2a01:4f8:1::/56' },
    first: routedPrefix(),
    second: routedPrefix('netplan'),
  },
  {
    name: 'networkd: BIND and radvd, then Unbound and networkd itself',
    first: usual,
    second: but(others),
  },
  {
    name: 'netplan: Unbound and networkd itself, then BIND and radvd',
    first: but(others, 'netplan'),
    second: but({}, 'netplan'),
  },
  {
    name: 'ifupdown: taken over by networkd, then netplan',
    provided: { manager: 'ifupdown' },
    first: usual,
    second: but({}, 'netplan'),
  },
];

function routedPrefix(manager?: string): string {
  const toml = but({ ...mode('"routed-prefix"'), network: 'network = "2a01:4f8:1::/56"' }, manager);
  return `${toml}inside.network = "${hostNet.network}"\n`;
}

/**
 * From the provider's network into one way, from there into the other with the VMs running, and back to before both: the host is
 * reached and the VMs keep their ports all the way.
 */
test.each(walks)(
  '$name, and back',
  async ({ provided, first, second }) => {
    await using lab = await openLab();
    const ground = await openGround(lab, first, provided);
    const { host, provider } = ground;
    const before = await stateOf(host);
    const reached = () => provider.must('ping', ['-c', '1', '-w', '5', hostNet.host4]);
    await applied(ground);
    await startVms(ground);
    await vmReaches(ground);
    const inFirst = await stateOf(host);

    await ground.describe(second);
    await applied(ground);
    await reached();
    expect(await host.shell('ip -o link show master br0')).toMatch(/vnet0[\s\S]*vnet1/);
    await vmReaches(ground);
    expect(await ground.hostcore('plan')).toMatchObject({
      code: 0,
      stdout: 'merlin is as host.toml has it.\n',
    });

    // Not confirmed, it is as before; then for good.
    await ground.start(/NEW connection/, 'rollback', '2', '--confirm-within', '3s');
    await until(host, 'sh', ['-c', 'tail -n 1 /run/sixhub-hostcore/0003/journal'], /undone$/m);
    await vmReaches(ground);
    await ground.start(/NEW connection/, 'rollback', '2', '--confirm-within', '60s');
    expect(await ground.overSsh('confirm')).toMatchObject({ code: 0 });
    expect(await stateOf(host)).toBe(inFirst);
    await vmReaches(ground);
    await ground.start(/NEW connection/, 'rollback', '1', '--confirm-within', '60s');
    expect(await ground.overSsh('confirm')).toMatchObject({ code: 0 });
    expect(await stateOf(host)).toBe(before);
    await reached();
  },
  240_000,
);

test('without carrier nothing is half done: it is taken back, or can be confirmed', async () => {
  await using lab = await openLab();
  const ground = await openGround(lab);
  const { host, provider } = ground;
  const before = await stateOf(host);
  await provider.shell('ip link set host0 down');
  await until(host, 'ip', ['-o', 'link', 'show', 'eno1'], /NO-CARRIER/);
  const { stderr } = await ground.hostcore('apply', '--no-wait', '--confirm-within', '5s');
  await until(host, 'sh', ['-c', 'tail -n 1 /run/sixhub-hostcore/0001/journal'], /undone/);
  await provider.shell('ip link set host0 up; ip addr replace fe80::1/64 dev host0 nodad');
  await until(provider, 'ping', ['-c', '1', '-W', '1', hostNet.host4], /1 received/);
  await until(host, 'sh', ['-c', 'ip -6 -o address show dev eno1 tentative; echo none'], /^none/);
  // networkd, which makes its routes anew with the carrier, may leave that flag of the newer file: it says what is so anyway.
  const bare = (state: string): string => `${stderr}${state.replaceAll(' onlink', '')}`;
  expect(bare(await stateOf(host))).toBe(bare(before));
}, 90_000);
