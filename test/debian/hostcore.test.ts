import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkoutRoot, mustBe, openLab, runCommand, runTool, type Lab } from '../lab/index.js';
import { descriptions } from '../e2e/hostcore/descriptions.js';
import { writeLabFile } from '../lab/host-machine.js';

const thirteen = descriptions.filter(({ release }) => release === 'debian13');

/** Debian 13 with what a test writes above it. */
async function enterDebian13(
  lab: Lab,
): Promise<{ root: string; run: (line: string) => Promise<string> }> {
  const tool = [join(checkoutRoot, 'scripts/setup/debian-tree.mjs'), 'debian-13'];
  const base = (await runTool('node', tool, { timeoutMs: 600_000 })).trim();
  const [root, upper, work] = [
    await lab.makeDirectory('debian13'),
    await lab.makeDirectory('upper'),
    await lab.makeDirectory('work'),
  ];
  const layers = `lowerdir=${base},upperdir=${upper},workdir=${work}`;
  await runTool('mount', ['-t', 'overlay', '-o', layers, 'sixhub-debian13', root]);
  lab.own({
    [Symbol.asyncDispose]: async () => void (await runTool('umount', ['--lazy', root])),
  });
  const enter = `mount --rbind /dev ${root}/dev && mount -t proc proc ${root}/proc && exec chroot ${root} /bin/sh -ec "$1"`;
  const run = (line: string): Promise<string> =>
    runTool('unshare', ['--net', '--mount', '/bin/sh', '-ec', enter, 'sh', line]);
  return { root, run };
}

test("Debian 13's daemons take what is rendered for it, PREF64 among it", async () => {
  await using lab = await openLab();
  const { root, run } = await enterDebian13(lab);
  expect(await run('radvd --version 2>&1 || true')).toMatch(/Version: 2\.2/);
  let pref64 = 0;
  for (const { name, toml, engines, manager } of thirteen) {
    const config = await writeLabFile(lab, `${name}.toml`, toml);
    await mustBe(0, await runCommand('hostcore', ['render', '-c', config, '-o', join(root, name)]));
    const lines = [
      `nft -c -f /${name}/etc/sixhub/nftables.nft`,
      ...(engines === 'usual'
        ? [
            `radvd --configtest -C /${name}/etc/radvd.conf`,
            `named-checkconf /${name}/etc/bind/named.conf.options`,
          ]
        : [`unbound-checkconf /${name}/etc/unbound/unbound.conf.d/sixhub.conf`]),
      ...(manager === 'netplan' ? [`netplan generate --root-dir /${name} 2>/tmp/netplan.log`] : []),
      `systemd-analyze verify --man=no /${name}/etc/systemd/system/*.service`,
      `grep -rlE 'nat64prefix|IPv6PREF64Prefix' /${name}/etc | wc -l`,
    ];
    pref64 += Number((await run(lines.join('\n'))).trim().split('\n').at(-1));
  }
  expect(pref64).toBe(thirteen.length);
}, 300_000);
