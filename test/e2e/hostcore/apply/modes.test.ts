import { expect, test } from 'vitest';
import { openLab } from '../../../lab/index.js';
import { hostNet, startVms, until } from '../../../lab/host-network.js';
import { applied, openGround, stateOf, usual, vmReaches } from '../../../lab/host-ground.js';

const card = `mac = "${hostNet.card}"}`;
const bridged = usual.replace(card, `mac = "${hostNet.card}", mode = "bridged"}`);
const byNetplan = (toml: string): string =>
  toml.replace('release =', 'manager = "netplan"\nrelease =');

/**
 * From the provider's network into one mode, from there into the other with the VMs running, and back to before both: the host is
 * reached and the VMs keep their ports all the way.
 */
test.each([
  ['networkd, bridged, then routed', bridged, usual],
  ['netplan, routed, then bridged', byNetplan(usual), byNetplan(bridged)],
])(
  '%s, and back',
  async (_, first, second) => {
    await using lab = await openLab();
    const ground = await openGround(lab, first);
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
