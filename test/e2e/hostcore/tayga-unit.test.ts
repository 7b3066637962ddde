import { join } from 'node:path';
import { expect, test } from 'vitest';
import { mustBe, openLab, runCommand, runTool } from '../../lab/index.js';
import { writeLabFile } from '../../lab/host-machine.js';

const description = `[host.kestrel]
release = "debian12"
uplink = {device = "enp7s0", mac = "9c:6b:00:11:22:33"}
ipv6 = {network = "2a01:4f8:221:8c4::/64", address = "2a01:4f8:221:8c4:e1:52:9:7"}
ipv4 = {address = "88.198.51.77", gateway = "88.198.51.65"}
nat64 = {}
extras.kvm = false
`;

test("a plan is not empty before Debian's own tayga is masked, as systemctl does it", async () => {
  await using lab = await openLab();
  const config = await writeLabFile(lab, 'host.toml', description);
  const status = ['tayga', 'nftables'].map(
    (name) => `Package: ${name}\nStatus: install ok installed\nVersion: 1\n`,
  );
  await writeLabFile(lab, 'root/var/lib/dpkg/status', status.join('\n'));
  const root = join(lab.directory, 'root');
  await mustBe(0, await runCommand('hostcore', ['render', '-c', config, '-o', root]));
  const words = ['plan', '-c', config, '--root', root, '--files-only'];
  const before = await mustBe(0, await runCommand('hostcore', words));
  expect(before.stdout).toContain('kestrel would need 1 service command.');
  expect(before.stdout).toContain('systemctl mask --now tayga.service');
  await runTool('systemctl', [`--root=${root}`, 'mask', 'tayga.service']);
  const after = await mustBe(0, await runCommand('hostcore', words));
  expect(after.stdout).toContain('kestrel is as host.toml has it.');
}, 30_000);

test('it is masked before its package comes in', async () => {
  await using lab = await openLab();
  const config = await writeLabFile(lab, 'host.toml', description);
  await writeLabFile(lab, 'root/var/lib/dpkg/status', 'Package: dash\n');
  const words = ['plan', '-c', config, '--root', join(lab.directory, 'root'), '--files-only'];
  const { stdout } = await mustBe(0, await runCommand('hostcore', words));
  expect(stdout).toMatch(
    /Packages\n {2}systemctl mask --now tayga\.service: [\s\S]*\n {2}apt install .*tayga/,
  );
  expect(stdout.split('mask --now')).toHaveLength(2);
}, 30_000);
