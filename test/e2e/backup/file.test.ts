import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  makeHeir,
  mustBe,
  openEstate,
  runAtTerminal,
  runTool,
  type Estate,
  type HubHouse,
} from '../../lab/index.js';

interface Backups extends AsyncDisposable {
  readonly estate: Estate;
  readonly hub: HubHouse;
  readonly place: string;
  /** Options for the passphrase. */
  readonly words: readonly string[];
  /** For a key of age's: quicker than a passphrase, which is slow on purpose. */
  readonly toKey: readonly string[];
  readonly withKey: readonly string[];
}

const passphrase = 'correct horse battery staple';

async function openBackups(): Promise<Backups> {
  const estate = await openEstate();
  const place = await estate.lab.makeDirectory('backups');
  const file = join(place, 'passphrase');
  await writeFile(file, `${passphrase}\n`);
  const identity = join(place, 'identity');
  await runTool('age-keygen', ['-o', identity]);
  const recipient = (await runTool('age-keygen', ['-y', identity])).trim();
  return {
    ...{ estate, place },
    toKey: ['--recipient', recipient],
    withKey: ['--identity', identity],
    hub: estate.hub,
    words: ['--passphrase-file', file],
    [Symbol.asyncDispose]: () => estate[Symbol.asyncDispose](),
  };
}

test('a damaged, a cut and a foreign backup, and a wrong passphrase: one error each, nothing written', async () => {
  await using backups = await openBackups();
  const { hub, estate, place, words, toKey, withKey } = backups;
  const good = join(place, 'good.age');
  await mustBe(0, await hub.run(['backup', good, ...toKey]));
  const content = await readFile(good);
  const flipped = (at: number): Buffer => {
    const copy = Buffer.from(content);
    copy[at] = (copy[at] ?? 0) ^ 1;
    return copy;
  };
  const chunk = 65_536 + 16;
  const payload = content.indexOf('\n--- ') + 5 + 44 + 16; // RFC 4648 base64 of the MAC, a line feed, the nonce
  const cases: readonly (readonly [string, Buffer, string])[] = [
    ['empty', Buffer.alloc(0), 'this is no backup'],
    ['foreign', Buffer.from('SQLite format 3\0'), 'this is no backup'],
    ['cut in its head', content.subarray(0, 60), 'damaged'],
    ['cut in the middle', content.subarray(0, content.length / 2), 'damaged'],
    ['cut after a whole chunk', content.subarray(0, payload + chunk), 'damaged'],
    ['cut by a byte', content.subarray(0, -1), 'damaged'],
    ['one byte more', Buffer.concat([content, Buffer.of(0)]), 'damaged'],
    ['a bit in its first chunk', flipped(payload + 10), 'damaged'],
    ['a bit in the middle', flipped(Math.floor(content.length / 2)), 'damaged'],
    ['a bit at its end', flipped(content.length - 1), 'damaged'],
    ['a bit in its MAC', flipped(content.indexOf('\n--- ') + 10), 'damaged'],
  ];
  const heir = await makeHeir(estate.lab, hub);
  const untouched = async (): Promise<void> => {
    expect(await readdir(join(heir.config, '..'))).toEqual(['hub.toml']);
  };
  for (const [what, bytes, said] of cases) {
    const file = join(place, 'bad.age');
    await writeFile(file, bytes);
    const refused = await heir.run(['restore', file, '--keep-config', ...withKey]);
    expect(refused.code, `${what}: ${refused.stdout}${refused.stderr}`).toBe(1);
    expect(refused.stderr, what).toContain(said);
    expect(refused.stderr.match(/^error:/gm), what).toHaveLength(1);
    expect(refused.stderr, what).not.toMatch(/^\s+at /m);
    await untouched();
  }
  const other = join(place, 'other');
  await writeFile(other, 'another passphrase');
  const byPassphrase = join(place, 'by-passphrase.age');
  await mustBe(0, await hub.run(['backup', byPassphrase, ...words]));
  const wrong = await heir.run([
    ...['restore', byPassphrase, '--keep-config', '--passphrase-file', other],
  ]);
  expect(wrong.code).toBe(1);
  expect(wrong.stderr).toContain('does not open with this passphrase');
  await untouched();
  await mustBe(0, await heir.run(['restore', byPassphrase, '--keep-config', ...words]));
}, 120_000);

test("Debian's age opens it, by passphrase and by key, and tar lists a whole hub; it takes what age encrypted", async () => {
  await using backups = await openBackups();
  const { hub, estate, place, words, toKey, withKey } = backups;
  await hub.serve();
  await estate.delegate('example.org');
  await mustBe(0, await hub.run(['issue', 'example.org']));
  const file = join(place, 'to-key.age');
  await mustBe(0, await hub.run(['backup', file, ...toKey]));
  const out = join(place, 'out');
  await mkdir(out);
  const archive = join(out, 'archive.tar');
  await runTool('age', ['-d', ...withKey, '-o', archive, file]);
  await runTool('tar', ['-xf', archive, '-C', out]);
  expect((await readdir(out)).toSorted()).toEqual(
    [
      'archive.tar',
      'backup.json',
      'hub.toml',
      'master.key',
      'hub.db',
      'acme-dns.db',
      'named-0',
    ].toSorted(),
  );
  expect(await readFile(join(out, 'master.key'))).toEqual(
    await readFile(join(hub.state, 'master.key')),
  );
  const count = await runTool('sqlite3', [join(out, 'hub.db'), 'select count(*) from versions']);
  expect(count.trim()).toBe('1');

  const byPassphrase = join(place, 'to-passphrase.age');
  await mustBe(0, await hub.run(['backup', byPassphrase, ...words]));
  const plain = join(place, 'plain.tar');
  // age asks at a terminal only.
  await runTool('script', ['-qec', `age -d -o ${plain} ${byPassphrase}`, '/dev/null'], {
    input: `${passphrase}\n`,
  });
  expect(await runTool('tar', ['-tf', plain])).toContain('acme-dns.db');

  // The way back: taken apart, put together by tar and age, and restored.
  const names = ['backup.json', 'hub.toml', 'master.key', 'hub.db', 'acme-dns.db', 'named-0'];
  const again = join(place, 'again.tar');
  await runTool('tar', ['--format=ustar', '-cf', again, '-C', out, ...names]);
  const sealed = join(place, 'again.age');
  await runTool('age', [...toKey, '-o', sealed, again]);
  const heir = await makeHeir(estate.lab, hub);
  const restored = await mustBe(
    0,
    await heir.run(['restore', sealed, '--keep-config', ...withKey]),
  );
  expect(restored.stdout).toContain('1 certificate, 1 CNAME target');
  const stranger = join(place, 'stranger');
  await runTool('age-keygen', ['-o', stranger]);
  const refused = await heir.run(['restore', file, '--keep-config', '--identity', stranger]);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain('encrypted to other keys');
});

test('a passphrase is asked for without an echo, twice for a backup', async () => {
  await using backups = await openBackups();
  const { hub, estate, place } = backups;
  const file = join(place, 'hub.age');
  const made = await runAtTerminal('hub', ['backup', file, '--config', hub.config], {
    to: 'Passphrase of the backup:',
    with: 'typed words\rtyped words',
  });
  expect(made.code, made.screen).toBe(0);
  expect(made.screen).not.toContain('typed words');
  const differing = await runAtTerminal('hub', ['backup', `${file}2`, '--config', hub.config], {
    to: 'Passphrase of the backup:',
    with: 'typed words\rtyped wards',
  });
  expect(differing.code).toBe(2);
  expect(differing.screen).toContain('differ');
  const heir = await makeHeir(estate.lab, hub);
  const restored = await runAtTerminal(
    'hub',
    ['restore', file, '--keep-config', '--config', heir.config],
    { to: 'Passphrase of the backup:', with: 'typed wordz\u007fs' },
  );
  expect(restored.code, restored.screen).toBe(0);
  expect(restored.screen).not.toContain('typed');
});

test('a backup is written whole or not at all, for its owner alone, and takes no other file’s place unasked', async () => {
  await using backups = await openBackups();
  const { hub, place, toKey: words } = backups;
  const file = join(place, 'hub.age');
  await writeFile(file, 'something else');
  const refused = await mustBe(2, await hub.run(['backup', file, ...words]));
  expect(refused.stderr).toContain('is there already, and was left as it is');
  expect(await readFile(file, 'utf8')).toBe('something else');
  await mustBe(0, await hub.run(['backup', file, '--replace', ...words]));
  expect((await readFile(file, 'latin1')).startsWith('age-encryption.org/v1\n')).toBe(true);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  const nowhere = await hub.run(['backup', join(place, 'no/hub.age'), ...words]);
  expect(nowhere.code).toBe(1);
  expect(nowhere.stderr).toContain('no such file or directory');
  // A disk that is full in the middle: nothing is left.
  const full = await runTool('sh', [
    '-c',
    `ulimit -f 128; ${process.execPath} ${join(process.cwd(), 'packages/hub/bin/hub.js')} backup ${place}/big.age --config ${hub.config} ${words.join(' ')} 2>&1; echo "exit $?"`,
  ]);
  expect(full).toContain('exit 1');
  expect(full).toMatch(/file too large|EFBIG/i);
  expect((await readdir(place)).toSorted()).toEqual(['hub.age', 'identity', 'passphrase']);
  const noTerminal = await mustBe(2, await hub.run(['backup', join(place, 'x.age')]));
  expect(noTerminal.stderr).toContain('--passphrase-file');
  const bad = await mustBe(
    2,
    await hub.run(['backup', join(place, 'x.age'), '-r', 'age1nonsense']),
  );
  expect(bad.stderr).toContain("'age1nonsense' is no public key of age");
});

test('without keys: no key is in it, a restore says what it lacks, and the hub goes on with its CNAMEs', async () => {
  await using backups = await openBackups();
  const { hub, estate, place, toKey, withKey } = backups;
  const first = await hub.serve();
  await estate.delegate('example.org');
  await mustBe(0, await hub.run(['issue', 'example.org']));
  const file = join(place, 'bare.age');
  const made = await mustBe(0, await hub.run(['backup', file, '--without-keys', ...toKey]));
  expect(made.stdout).toContain('hub renew NAME');
  const plain = join(place, 'bare.tar');
  await runTool('age', ['-d', ...withKey, '-o', plain, file]);
  const listed = (await runTool('tar', ['-tf', plain])).trim().split('\n');
  expect(listed.toSorted()).toEqual(
    ['backup.json', 'hub.toml', 'hub.db', 'acme-dns.db', 'named-0'].toSorted(),
  );
  // Nothing sealed either, not even in a page that is free.
  const content = await readFile(plain);
  for (const query of [
    'select hex(sealed_key) from versions',
    'select hex(sealed_key) from authority_accounts',
    'select hex(sealed) from secrets',
  ]) {
    const sealed = (await runTool('sqlite3', [join(hub.state, 'hub.db'), query])).trim();
    expect(sealed.length, query).toBeGreaterThan(100);
    expect(content.includes(Buffer.from(sealed.slice(0, 64), 'hex')), query).toBe(false);
  }
  expect(content.includes(await readFile(join(hub.state, 'master.key')))).toBe(false);
  await first.kill();

  const heir = await makeHeir(estate.lab, hub);
  const restored = await mustBe(0, await heir.run(['restore', file, '--keep-config', ...withKey]));
  expect(restored.stdout).toContain('hub renew example.org');
  await heir.serve();
  await mustBe(0, await heir.run(['renew', 'example.org']));
});
