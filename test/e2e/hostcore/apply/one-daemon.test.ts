import { expect, test } from 'vitest';
import { openLab, type HostMachine } from '../../../lab/index.js';
import { applied, openGround, usual, vmReaches } from '../../../lab/host-ground.js';
import { hostNet, startVms } from '../../../lab/host-network.js';

const [, mail] = hostNet.vmMacs;

/** Each change goes on from the one before; which commands it takes, and which processes are others after it. */
const changes = [
  {
    what: 'how often is advertised',
    from: 'ra.interval = 4',
    to: 'ra.interval = 5',
    commands: ['systemctl reload-or-restart radvd.service'],
    anew: [],
  },
  {
    what: 'whether answers are validated',
    from: 'dns64.validate = false',
    to: 'dns64 = {validate = false, break-dnssec = true}',
    commands: ['systemctl reload-or-restart named.service'],
    anew: [],
  },
  {
    what: "a VM's card",
    from: `mac = "${mail}"`,
    to: 'mac = "52:54:00:ab:cd:00"',
    commands: [],
    anew: [],
  },
  {
    what: 'the addresses of the NAT64',
    from: 'nat64 = {}',
    to: 'nat64.pool = "10.64.0.0/24"',
    commands: [
      'systemctl daemon-reload', // its unit has the route
      'systemctl reload-or-restart sixhub-nftables.service',
      'systemctl restart sixhub-tayga.service',
    ],
    anew: ['tayga'],
  },
] as const;

test('a change that touches one daemon touches no other', async () => {
  await using lab = await openLab();
  const ground = await openGround(lab);
  const { host } = ground;
  await applied(ground);
  await startVms(ground);
  await vmReaches(ground);
  let toml = usual;
  for (const { what, from, to, commands, anew } of changes) {
    expect(toml, what).toContain(from);
    toml = toml.replace(from, to);
    await ground.describe(toml);
    const { stdout } = await ground.hostcore('apply', '--dry-run');
    const isCommand = /^(systemctl|ip|sysctl|networkctl|netplan|nft) /;
    expect([what, ...stdout.split('\n').filter((line) => isCommand.test(line))]).toEqual([
      what,
      ...commands,
    ]);
    const before = await daemonsOf(host);
    await applied(ground);
    const after = await daemonsOf(host);
    expect(Object.keys(before)).toEqual(['named', 'radvd', 'sshd', 'systemd-networkd', 'tayga']);
    const others = Object.keys(after).filter((name) => after[name] !== before[name]);
    expect([what, ...others]).toEqual([what, ...anew]);
    await vmReaches(ground);
  }
}, 240_000);

/** By name, which process each is: its number, and when it began. */
async function daemonsOf(host: HostMachine): Promise<Readonly<Record<string, string>>> {
  const listed = await host.shell(
    `for name in named radvd sshd systemd-networkd tayga; do
      for pid in $(pgrep -o -x --ns $$ --nslist net "$(echo $name | cut -c 1-15)"); do
        echo $name $pid $(cut -d ' ' -f 22 /proc/$pid/stat)
      done
    done`,
  );
  return Object.fromEntries(
    listed
      .trim()
      .split('\n')
      .map((line) => {
        const [name = '', ...rest] = line.split(' ');
        return [name, rest.join(' ')];
      }),
  );
}
