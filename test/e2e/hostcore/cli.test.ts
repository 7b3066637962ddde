import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { mustBe, openLab, runCommand, type CommandOptions, type Lab } from '../../lab/index.js';
import { writeLabFile } from '../../lab/host-machine.js';
import { descriptions } from './descriptions.js';

const [usual] = descriptions;

async function described(lab: Lab, toml = usual?.toml ?? ''): Promise<string> {
  return writeLabFile(lab, 'host.toml', toml);
}

const hostcore = (words: readonly string[], options?: CommandOptions) =>
  runCommand('hostcore', words, options);

describe('plan', () => {
  test('an edit by hand is named first, and waits for a person', async () => {
    await using lab = await openLab();
    const config = await described(lab);
    const root = await lab.makeDirectory('root');
    await mustBe(0, await hostcore(['render', '-c', config, '-o', root]));
    const words = ['plan', '-c', config, '--root', root, '--files-only'];
    expect((await mustBe(0, await hostcore(words))).stdout).toContain('adduser dh libvirt');
    await writeFile(join(root, 'etc/group'), 'libvirt:x:120:dh\n');
    expect((await mustBe(0, await hostcore(words))).stdout).toContain('is as host.toml has it');
    await appendFile(join(root, 'etc/radvd.conf'), '# mine\n');
    const { stdout } = await mustBe(3, await hostcore(words));
    expect(stdout).toContain('! Edited by hand since hostcore made them: /etc/radvd.conf');
    expect(stdout).toContain('-# mine');
    expect(stdout).toContain('Nothing has been changed.');
    expect(await readFile(join(root, 'etc/radvd.conf'), 'utf8')).toContain('# mine');
    // Nor is it lost by rendering to where it lies.
    const again = await mustBe(3, await hostcore(['render', '-c', config, '-o', root]));
    expect(again.stderr).toContain('/etc/radvd.conf is not as hostcore wrote it');
    expect(await readFile(join(root, 'etc/radvd.conf'), 'utf8')).toContain('# mine');
    await mustBe(0, await hostcore(['render', '-c', config, '-o', root, '--force']));
    const rendered = await readFile(join(root, 'etc/radvd.conf'), 'utf8');
    expect(rendered).not.toContain('# mine');
    // Without its sum it is an edited one, in which nothing else is to be seen.
    await writeFile(join(root, 'etc/radvd.conf'), rendered.replace(/^# hostcore sum .*\n/m, ''));
    const headless = await mustBe(3, await hostcore(words));
    expect(headless.stdout).toContain('its first lines alone');
  });

  test('what would cut the host off is told with its line and remedy, by plan itself', async () => {
    await using lab = await openLab();
    const config = await described(lab);
    await writeLabFile(
      lab,
      'root/etc/libvirt/qemu/hub.xml',
      "<domain><name>hub</name><interface type='bridge'><mac address='52:54:00:99:99:99'/><source bridge='br0'/></interface></domain>",
    );
    await writeLabFile(lab, 'root/etc/os-release', 'ID=debian\nVERSION_ID="13"\n');
    const words = ['plan', '-c', config, '--root', join(lab.directory, 'root'), '--files-only'];
    const { errors } = JSON.parse((await hostcore([...words, '--json'])).stdout);
    expect(errors).toMatchObject([
      { id: 'vm-mac-mismatch', line: 16, remedy: expect.stringContaining('52:54:00:99:99:99') },
      { id: 'other-release', line: 2 },
    ]);
    const { stdout } = await hostcore(words);
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
      'error (host.toml line 2): this is debian 13, and host.toml says debian 12.',
    );
  });

  test('what others write into fstab stays, and its own line for /tmp is silenced', async () => {
    await using lab = await openLab();
    const config = await described(lab);
    const fstab = await writeLabFile(
      lab,
      'root/etc/fstab',
      'UUID=1 / ext4 errors=remount-ro 0 1\n/dev/sdb1 /tmp ext4 defaults 0 2\n',
    );
    const root = join(lab.directory, 'root');
    const { stdout } = await mustBe(
      0,
      await hostcore(['plan', '-c', config, '--root', root, '--files-only']),
    );
    expect(stdout).toContain('-/dev/sdb1 /tmp ext4 defaults 0 2');
    expect(stdout).toContain('+# hostcore: /dev/sdb1 /tmp ext4 defaults 0 2');
    await mustBe(0, await hostcore(['render', '-c', config, '-o', root]));
    expect(await readFile(fstab, 'utf8')).toMatch(
      /^UUID=1 .*\n# hostcore: \/dev\/sdb1 .*\n# >>> hostcore\n/,
    );
    // The guide's line says the same already.
    await writeFile(fstab, 'none /tmp tmpfs size=2g 0 0\n');
    const again = await hostcore(['plan', '-c', config, '--root', root, '--files-only', '--json']);
    expect(JSON.parse(again.stdout).files).toEqual([]);
  });
});

test('lint tells what is wrong in the file and on the machine in one answer', async () => {
  await using lab = await openLab();
  const wrong = (usual?.toml ?? '')
    .replace('domain', 'domian')
    .replace('2a01:4f8:0:1::53', '2001:db8::53');
  const config = await described(lab, wrong);
  const { stdout } = await mustBe(2, await hostcore(['lint', '-c', config, '--json']));
  const { findings } = JSON.parse(stdout);
  const ids: readonly string[] = findings.map(({ id }: { readonly id: string }) => id);
  expect(ids).toEqual(
    expect.arrayContaining(['description', 'documentation-address', 'device-missing']),
  );
  for (const command of ['render', 'plan', 'explain']) {
    const words = [command, ...(command === 'explain' ? ['eno1'] : []), '-c', config];
    const refused = await mustBe(2, await hostcore(words));
    expect(refused.stderr).toContain(
      "there is no setting 'host.merlin.domian'. Did you mean 'domain'?",
    );
  }
});

test('what was not looked at is said, in place of silence', async () => {
  await using lab = await openLab();
  const config = await described(lab);
  const root = await lab.makeDirectory('root');
  const words = ['-c', config, '--files-only'];
  const below = await hostcore(['lint', ...words, '--root', root]);
  expect(below.stdout).toContain(`Looked at the files below ${root} alone, and at no kernel.`);
  expect(below.stdout).toMatch(
    /Not judged, since the kernel was left out \(--files-only\): .*device-missing, mac-mismatch/s,
  );
  expect(below.stdout).toContain('there is no list of packages');
  const { silent } = JSON.parse(
    (await hostcore(['lint', ...words, '--root', root, '--json'])).stdout,
  );
  expect(silent).toContainEqual({ need: 'release', ids: ['other-release'] });
  const own = "Looked at this machine's own files alone: --files-only without --root DIR.";
  for (const command of ['lint', 'plan']) {
    expect((await hostcore([command, ...words])).stdout.replaceAll(/\s+/g, ' ')).toContain(own);
  }
  const adopted = await hostcore([
    'adopt',
    '--print',
    '--files-only',
    '--root',
    root,
    '-c',
    config,
  ]);
  expect(adopted.stderr).toContain(`${root}/etc (the kernel was left out: --files-only)`);
  const mixed = await hostcore(['plan', '-c', config, '--root', root]);
  expect(mixed.stdout.replaceAll(/\s+/g, ' ')).toContain('and at the kernel of this machine');
});

test('a directory where a file belongs, and a file where a directory does', async () => {
  await using lab = await openLab();
  const config = await described(lab);
  const root = await lab.makeDirectory('root');
  for (const command of ['render', 'plan', 'lint', 'adopt', 'init', 'explain']) {
    const words = [command, ...(command === 'explain' ? ['eno1'] : []), '-c', lab.directory];
    const { stderr } = await mustBe(2, await hostcore(words, { input: '' }));
    expect(stderr).toContain(`${lab.directory} is a directory`);
    expect(stderr).toContain(`-c ${lab.directory}/host.toml`);
  }
  const { stderr } = await mustBe(2, await hostcore(['render', '-c', config, '-o', config]));
  expect(stderr).toContain('is a file');
  const below = ['init', '-c', `${config}/host.toml`, '--root', root, '--files-only'];
  expect((await mustBe(2, await hostcore(below, { input: '' }))).stderr).toContain(
    "can't be written",
  );
});

test('what stands in for a line that is wrong is not judged, and each fault has its remedy', async () => {
  await using lab = await openLab();
  const wrong = (usual?.toml ?? '')
    .replace('"debian12"', '"bookworm"')
    .replace('2a01:4f8:1:3::/64"', '2a01:4f8:1:3/64"')
    .replace('{device = "eno1", ', '{device = "e n o", ');
  const config = await described(lab, wrong);
  const root = await lab.makeDirectory('root');
  await writeLabFile(lab, 'root/etc/os-release', 'ID=debian\nVERSION_ID="13"\n');
  const { stdout } = await mustBe(
    2,
    await hostcore(['lint', '-c', config, '--root', root, '--json']),
  );
  const findings: readonly { id: string; fact: string; remedy: string }[] =
    JSON.parse(stdout).findings;
  expect(findings.filter(({ id }) => id === 'description').map(({ remedy }) => remedy)).toEqual([
    'Write it like: release = "debian12"',
    'Write it like: device = "eno1"',
    'Write it like: network = "2a01:4f8:1:3::/64"',
  ]);
  const ids = findings.map(({ id }) => id);
  for (const id of ['other-release', 'documentation-address', 'unroutable-address']) {
    expect(ids).not.toContain(id);
  }
  expect(findings.find(({ fact }) => fact.includes('no device uplink'))).toBeUndefined();
});

test('init takes answers from a pipe, asks again where one is wrong, and what it wrote is good', async () => {
  await using lab = await openLab();
  await writeLabFile(
    lab,
    'root/etc/netplan/01.yaml',
    'network:\n  ethernets:\n    eno1: {match: {macaddress: "00:24:21:21:ac:99"}, addresses: ["2a01:4f8:1:3::2/64", 45.67.90.10/32], routes: [{to: 0.0.0.0/0, via: 45.67.90.1}, {to: "::/0", via: "fe80::1"}], nameservers: {addresses: ["2a01:4f8:0:1::53"]}}\n',
  );
  const config = join(lab.directory, 'new/host.toml');
  const words = ['init', '-c', config, '--root', join(lab.directory, 'root'), '--files-only'];
  const answers = [
    'example.org',
    'debian12',
    '',
    '',
    'bridgd',
    'bridged',
    '',
    'random',
    '',
    '',
    '',
    '',
    '',
    'unbound',
    '',
    'web',
    '52:54:00:12:34:56',
    '',
    'mail',
    '52:54:00:ab:cd:ef',
    '45.67.91.300',
    '45.67.91.7',
    '',
    'wbe',
    'web',
    'eth1',
    '10.7.0.1/24',
    '2a01:4f8:1:3::/64',
    'yes',
    '',
  ];
  const { stderr } = await mustBe(0, await hostcore(words, { input: answers.join('\n') }));
  expect(stderr).toContain('"bridgd" is none of routed-link-local');
  expect(stderr).toContain('[2a01:4f8:1:3::/64]');
  const text = await readFile(config, 'utf8');
  expect(text).toMatch(/seed = "[0-9a-f]{32}"/);
  expect(text).toContain('[host.host.vm.web]\nmac = "52:54:00:12:34:56"');
  expect(text).toContain('mac = "52:54:00:ab:cd:ef"\nipv4 = "45.67.91.7"');
  expect(text).toContain('networks = ["45.67.91.7/32"]');
  expect(text).toContain('[host.host.relay]\nto = "web"');
  expect(text).toContain(
    '[host.host.link.eth1]\naddresses = ["10.7.0.1/24"]\nannounce = ["2a01:4f8:1:3::/64"]\naccept = true',
  );
  expect(stderr).toContain("Did you mean 'web'?");
  const nowhere = await hostcore(['render', '-c', config, '-o', '/proc/nowhere']);
  expect((await mustBe(2, nowhere)).stderr).toContain("/proc/nowhere can't be made");
  const { stdout } = await mustBe(
    0,
    await hostcore(['render', '-c', config, '/etc/unbound/unbound.conf.d/sixhub.conf']),
  );
  expect(stdout).toContain('forward-addr: 2a01:4f8:0:1::53');
  const { stderr: refused } = await mustBe(2, await hostcore(words));
  expect(refused).toContain('is there already');
});

test('init asks whose an IPv4 address is that no VM could be told by', async () => {
  await using lab = await openLab();
  await writeLabFile(
    lab,
    'root/etc/netplan/01.yaml',
    'network:\n  ethernets: {eno1: {match: {macaddress: "00:24:21:21:ac:99"}}}\n  bridges:\n    br0: {interfaces: [eno1], macaddress: "00:24:21:21:ac:99", addresses: ["2a01:4f8:1:3::2/64", 45.67.90.10/32], routes: [{to: 0.0.0.0/0, via: 45.67.90.1}, {to: "::/0", via: "fe80::1"}, {to: 45.67.91.7/32, via: 45.67.90.10}]}\n',
  );
  await writeLabFile(
    lab,
    'root/etc/libvirt/qemu/mail.xml',
    "<domain><name>mail</name><interface type='bridge'><mac address='52:54:00:ab:cd:ef'/><source bridge='br0'/></interface></domain>",
  );
  const config = join(lab.directory, 'host.toml');
  const words = ['init', '-c', config, '--root', join(lab.directory, 'root'), '--files-only'];
  // The defaults, up to the question.
  const found = Array.from({ length: 8 }, () => '');
  const answers = ['', 'debian12', ...found, '2a01:4f8:0:1::53', '', '', '', 'mail'];
  const { stderr } = await mustBe(0, await hostcore(words, { input: answers.join('\n') }));
  expect(stderr).toContain('VM that has the IPv4 address 45.67.91.7: mail (empty: not known)');
  const text = await readFile(config, 'utf8');
  expect(text).toContain('mac = "52:54:00:ab:cd:ef"\nipv4 = "45.67.91.7"');
  expect(text).not.toContain('route]]');
});

test('adopt overwrites nothing, and says where nothing was found', async () => {
  await using lab = await openLab();
  const config = await described(lab, '# mine\n');
  const root = await lab.makeDirectory('root');
  const words = ['adopt', '-c', config, '--root', root, '--files-only'];
  await mustBe(2, await hostcore(words));
  expect((await mustBe(1, await hostcore([...words, '--print']))).stderr).toContain(
    'hostcore init',
  );
  expect(await readFile(config, 'utf8')).toBe('# mine\n');
});

test('the schema is JSON, and knows what is needed', async () => {
  const { stdout } = await mustBe(0, await hostcore(['schema']));
  const host = JSON.parse(stdout).properties.host.additionalProperties;
  expect(host.required).toEqual(['release', 'uplink', 'ipv6']);
  expect(host.properties.uplink.properties.mode.enum).toContain('bridged');
  expect(host.additionalProperties).toBe(false);
});
