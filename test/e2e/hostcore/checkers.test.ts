import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openLab, type HostMachine, type Lab } from '../../lab/index.js';
import { openHostMachine, writeLabFile } from '../../lab/host-machine.js';
import { descriptions } from './descriptions.js';

/**
 * Every file of every mode, by its daemon's own checker, of the versions that this machine has; what Debian 13's radvd
 * alone knows is checked by test/debian.
 */
const here = descriptions.filter(({ release }) => release !== 'debian13');

async function rendered(lab: Lab, name: string, toml: string, host: HostMachine): Promise<string> {
  const config = await writeLabFile(lab, `${name}.toml`, toml);
  const place = join(lab.directory, name);
  const { code, stderr } = Object(await host.hostcore('render', '-c', config, '-o', place));
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return place;
}

describe.each(['networkd', 'netplan'] as const)('%s', (manager) => {
  test('radvd, named, unbound, nft, netplan and systemd take what is rendered', async () => {
    await using lab = await openLab();
    const host = await openHostMachine(lab, 'checker');
    const mine = here.filter((one) => one.manager === manager);
    expect(mine.length).toBeGreaterThan(20);
    for (const { name, toml, engines, mode } of mine) {
      const place = await rendered(lab, name, toml, host);
      const file = (path: string): string => join(place, path);
      await host.must('nft', ['-c', '-f', file('etc/sixhub/nftables.nft')]);
      if (engines === 'usual') {
        await host.must('radvd', ['--configtest', '-C', file('etc/radvd.conf')]);
        await host.must('named-checkconf', [file('etc/bind/named.conf.options')]);
      } else {
        await host.must('unbound-checkconf', [file('etc/unbound/unbound.conf.d/sixhub.conf')]);
      }
      if (manager === 'netplan') await host.must('netplan', ['generate', '--root-dir', place]);
      const units = (await host.shell(`ls ${place}/etc/systemd/system/*.service`))
        .split('\n')
        .filter(Boolean);
      await host.must('systemd-analyze', ['verify', '--man=no', ...units]);
      // tayga has no check: it says what is wrong when it starts, and is stopped where it goes on.
      const tayga = await host.run('timeout', [
        '0.3',
        'tayga',
        '-c',
        file('etc/tayga.conf'),
        '--nodetach',
        '-d',
      ]);
      expect({ mode, ...Object(tayga) }).toMatchObject({ code: 124 });
    }
  }, 300_000);
});

test('virt-install takes the line of each VM', async () => {
  await using lab = await openLab();
  const host = await openHostMachine(lab, 'installer');
  const [first] = here;
  const place = await rendered(lab, 'rendered', first?.toml ?? '', host);
  await host.shell(
    'mkdir /run/up /run/work && mount -t overlay overlay -o lowerdir=/var/lib,upperdir=/run/up,workdir=/run/work /var/lib && mkdir -p /var/lib/libvirt/images',
  );
  for (const vm of ['hub', 'mail']) {
    const script = `${place}/etc/sixhub/guests/${vm}/virt-install.sh`;
    const xml = await host.must('sh', [
      script,
      '--connect',
      'test:///default',
      '--print-xml',
      '--dry-run',
    ]);
    expect(xml).toContain(`<name>${vm}</name>`);
    expect(xml).toMatch(/<source bridge="br0"/);
    expect(xml).toMatch(/<mac address="52:54:00/);
  }
  // What belongs into a guest is netplan's own, too.
  await host.shell(
    `mkdir -p /run/guest/etc/netplan && cp ${place}/etc/sixhub/guests/mail/60-sixhub.yaml /run/guest/etc/netplan/`,
  );
  await host.must('netplan', ['generate', '--root-dir', '/run/guest']);
  expect(await host.shell('cat /run/guest/run/systemd/network/*')).toContain(
    'Address=45.67.91.7/32',
  );
}, 60_000);
