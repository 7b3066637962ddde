import { expect } from 'vitest';
import type { HostNetwork, Lab } from '../../lab/index.js';
import { writeLabFile } from '../../lab/host-machine.js';
import { machineShows } from '../../lab/host-network.js';
import { logSays, type Fact } from '../../lab/fact.js';
import { programFile } from '../../lab/program-file.js';
import { unboundFile } from '../../lab/unbound-file.js';

/** The rendered files at their places, and each daemon by its own file. */
export async function build(lab: Lab, { host }: HostNetwork, toml: string): Promise<void> {
  const config = await writeLabFile(lab, 'host.toml', toml);
  await host.shell(`mkdir -p /etc/sixhub && cp ${config} /etc/sixhub/host.toml`);
  expect(await host.hostcore('render', '-o', `${lab.directory}/rendered`)).toMatchObject({
    code: 0,
  });
  await host.shell(`cp -r ${lab.directory}/rendered/etc/. /etc/`);
  await host.shell('if [ -d /etc/netplan ]; then netplan generate; fi');
  const networkd = await host.start(
    'networkd',
    '/lib/systemd/systemd-networkd',
    [],
    machineShows(
      host,
      'ip -6 route show default; ip -6 address',
      /default via[\s\S]*2a01:4f8:1:3:\S+\/64/,
    ),
  );
  // Unknown keys are all that it would say.
  expect(await networkd.log()).not.toMatch(/Unknown/i);
  await host.shell('sysctl -q -p /etc/sysctl.d/90-sixhub.conf');
  await host.shell('nft -f /etc/sixhub/nftables.nft');
  await startByUnit(host, 'tayga', machineShows(host, 'ip link show nat64', /LOWER_UP/));
  const rendered = await host.shell(
    'cd /etc; ls radvd.conf unbound/unbound.conf.d/sixhub.conf 2>/dev/null || true',
  );
  if (rendered.includes('unbound')) {
    const unbound = await writeLabFile(
      lab,
      'unbound.conf',
      'server:\n  chroot: ""\n  username: ""\n  use-syslog: no\n  verbosity: 1\n  pidfile: ""\ninclude: /etc/unbound/unbound.conf.d/sixhub.conf\n',
    );
    await host.start(
      'unbound',
      await unboundFile(lab),
      ['-d', '-p', '-c', unbound],
      logSays(/start of service/),
    );
  } else if (toml.includes('dns64')) {
    await host.must('named-checkconf', []);
    await host.start('named', programFile('named', 'bind9'), ['-g'], logSays(/ running$/m));
  }
  if (rendered.includes('radvd')) {
    await host.must('radvd', ['--configtest']);
    await host.start(
      'radvd',
      programFile('radvd'),
      ['-n', '-m', 'stderr', '-d', '1'],
      logSays(/started/),
    );
  }
  await startByUnit(host, 'ndppd', logSays(/ndppd/i));
}

/** By the lines of our unit, if there is one; Debian's own is masked, as the plan has it. */
async function startByUnit(host: HostNetwork['host'], daemon: string, fact: Fact): Promise<void> {
  const unit = await host.shell(`cat /etc/systemd/system/sixhub-${daemon}.service || true`);
  if (unit === '') return;
  await host.must('systemctl', ['--root=/', 'mask', `${daemon}.service`]);
  for (const [, line = ''] of unit.matchAll(/^ExecStartPre=(.*)$/gm)) await host.shell(line);
  const [program = '', ...args] = /^ExecStart=(.*)$/m.exec(unit)?.[1]?.split(' ') ?? [];
  await host.start(daemon, program, args, fact);
}
