import { X509Certificate } from 'node:crypto';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import SQLite from 'better-sqlite3';
import { mustBe, runTool, startApache, type Estate } from '../../lab/index.js';
import { enrolledAgent, filesWith, formsOf, openOwnKeyEstate, withKeyOf } from './own-key.js';

async function shown({ hub }: Estate, name = 'example.org') {
  return JSON.parse((await mustBe(0, await hub.run(['show', name, '--json']))).stdout);
}

test('web makes the key: nothing is ordered before, it is served, and the hub has it nowhere', async () => {
  await using own = await openOwnKeyEstate();
  const { estate, agent } = own;
  const { hub, lab } = estate;
  await expect
    .poll(() => shown(estate), { timeout: 10_000 })
    .toMatchObject({
      keyOn: 'web',
      issuance: { waitsForKeyOf: 'web' },
      told: { kind: 'key-wanted' },
    });
  expect((await mustBe(0, await hub.run(['show', 'example.org']))).stdout).toContain(
    'web to make its key',
  );
  const impatient = await hub.run(['issue', 'example.org', '--wait-delegation', '0']);
  expect(impatient.code).toBe(3);
  expect(impatient.stderr).not.toContain('ordered');
  expect(impatient.stderr).toContain('web has not made its key yet');

  const told = await withKeyOf(own, ['issue', 'example.org']);
  expect(told).toMatch(/web has made its key, which stays there[^]*ordered from/);
  // One run was enough: it waited for what the authority made of it.
  const certificate = join(agent.live, 'example.org');
  const first = await readFile(join(certificate, 'privkey.pem'), 'utf8');
  expect((await stat(join(certificate, 'privkey.pem'))).mode & 0o777).toBe(0o600);
  expect(await readdir(join(agent.state, 'keys'))).toEqual([]);

  const apache = await startApache(lab, [
    { address: lab.address(), names: ['www.example.org'], certificate },
  ]);
  await agent.configure([{ apache, certificates: ['example.org'], names: ['www.example.org'] }]);
  await withKeyOf(own, ['renew', 'example.org']);
  const deployed = await mustBe(0, await hub.run(['show', 'example.org']));
  expect(deployed.stdout).toMatch(/web · apache · serving since [^(]*$/m);
  expect(deployed.stdout).toContain('on web and nowhere else');
  const second = await readFile(join(certificate, 'privkey.pem'), 'utf8');
  expect(second).not.toBe(first);

  const forms = [...formsOf(first), ...formsOf(second)];
  const machine = dirname(agent.state);
  expect(await filesWith(machine, forms), 'they would be found').not.toEqual([]);
  expect(await filesWith(dirname(hub.state), forms)).toEqual([]);
  using database = new SQLiteReader(join(hub.state, 'hub.db'));
  expect(database.rows('select key_on, sealed_key from versions')).toEqual([
    { key_on: 'web', sealed_key: null },
    { key_on: 'web', sealed_key: null },
  ]);
  expect(
    database.rows('select * from issuances where sealed_key is not null and key_on is not null'),
  ).toEqual([]);
  const place = await lab.makeDirectory('backup');
  const identity = join(place, 'identity');
  await runTool('age-keygen', ['-o', identity]);
  const recipient = (await runTool('age-keygen', ['-y', identity])).trim();
  const file = join(place, 'hub.age');
  await mustBe(0, await hub.run(['backup', file, '--recipient', recipient]));
  await runTool('age', ['-d', '-i', identity, '-o', join(place, 'hub.tar'), file]);
  expect(await filesWith(place, forms)).toEqual([]);
});

test('a key that is kept stays on its machine, too; one that is lost is made anew, and not again and again', async () => {
  await using own = await openOwnKeyEstate('--reuse-key');
  const { estate, agent } = own;
  await withKeyOf(own, ['issue', 'example.org']);
  const key = join(agent.live, 'example.org', 'privkey.pem');
  const first = await readFile(key, 'utf8');
  await withKeyOf(own, ['renew', 'example.org']);
  expect(await readFile(key, 'utf8')).toBe(first);

  const before = (await shown(estate)).version.id;
  await rm(join(agent.live, '..', 'sixhub'), { recursive: true });
  await rm(agent.live, { recursive: true });
  const lost = await mustBe(1, await agent.run(['run']));
  expect(lost.stdout).toContain(
    'its private key was made on this machine, and is not here any more',
  );
  expect(lost.stdout + lost.stderr).toContain('See why the disk of web forgets');
  await withKeyOf(own, ['renew', 'example.org']);
  expect(await readFile(key, 'utf8')).not.toBe(first);
  expect((await shown(estate)).version.id).not.toBe(before);
});

test('a key that is lost once is replaced by itself', async () => {
  await using own = await openOwnKeyEstate();
  const { estate, agent } = own;
  await withKeyOf(own, ['issue', 'example.org']);
  const before = (await shown(estate)).version.id;
  await rm(join(agent.live, '..', 'sixhub'), { recursive: true });
  await rm(agent.live, { recursive: true });
  const lost = await mustBe(1, await agent.run(['run']));
  expect(lost.stdout).toContain('a version with another key comes');
  await expect
    .poll(async () => (await shown(estate)).issuance.waitsForKeyOf, { timeout: 10_000 })
    .toBe('web');
  await mustBe(0, await agent.run(['run', '--now']));
  const after = await shown(estate);
  expect(after.version.id).not.toBe(before);
  const leaf = new X509Certificate(await readFile(join(agent.live, 'example.org', 'cert.pem')));
  expect(leaf.fingerprint256.replaceAll(':', '').toLowerCase()).toBe(after.version.fingerprint);
});

test('versions of a key on one machine go there at once, whatever was planned, and no other plan is taken', async () => {
  await using own = await openOwnKeyEstate();
  const { estate, agent } = own;
  const { hub } = estate;
  await mustBe(0, await hub.run(['issue', 'example.org', '--key-at-hub']));
  const plan = ['rollout', 'example.org', '--batch', '1', '--always'];
  await mustBe(0, await hub.run(plan));
  for (const words of [
    ['issue', 'example.org', '--key-on', 'web'],
    ['renew', 'example.org'],
  ]) {
    await withKeyOf(own, words);
    const leaf = new X509Certificate(await readFile(join(agent.live, 'example.org', 'cert.pem')));
    const { version } = await shown(estate);
    expect(leaf.fingerprint256.replaceAll(':', '').toLowerCase()).toBe(version.fingerprint);
    expect(await readdir(join(agent.state, 'keys'))).toEqual([]);
  }
  const refused = await mustBe(1, await hub.run(plan));
  expect(refused.stderr).toContain('the private key of example.org is on web and nowhere else');
  await mustBe(0, await hub.run(['rollout', 'example.org', '--never']));
});

test('a compromised key is revoked without the hub having it, and another one is made', async () => {
  await using own = await openOwnKeyEstate('--reuse-key');
  const { estate, agent } = own;
  await withKeyOf(own, ['issue', 'example.org']);
  const key = join(agent.live, 'example.org', 'privkey.pem');
  const first = await readFile(key, 'utf8');
  const { serial } = (await shown(estate)).version;
  await withKeyOf(own, ['revoke', 'example.org', '--reason', 'keyCompromise', '--yes']);
  expect(JSON.parse(await estate.pebble.manage(`/cert-status-by-serial/${serial}`))).toMatchObject({
    Status: 'Revoked',
    Reason: 1,
  });
  expect(await readFile(key, 'utf8'), 'kept by renewals, but not this one').not.toBe(first);
});

test(
  'who has the key has the certificate: others are refused, its machine is not taken away, and it can move',
  { timeout: 120_000 },
  async () => {
    await using own = await openOwnKeyEstate();
    const { estate, agent } = own;
    const { hub } = estate;
    await withKeyOf(own, ['issue', 'example.org']);
    await enrolledAgent(estate, 'mail');
    const granted = await mustBe(1, await hub.run(['agent', 'grant', 'mail', 'example.org']));
    expect(granted.stderr).toContain('--as example.org-mail --key-on mail');
    const taken = await mustBe(1, await hub.run(['agent', 'ungrant', 'web', 'example.org']));
    expect(taken.stderr).toContain('hub revoke example.org --reason cessationOfOperation');
    const nobody = await mustBe(1, await hub.run(['issue', 'example.org', '--key-on', 'db']));
    expect(nobody.stderr).toContain('there is no agent db');
    const moved = await mustBe(1, await hub.run(['issue', 'example.org', '--key-on', 'mail']));
    expect(moved.stderr).toContain('example.org is given to web, too');

    await mustBe(0, await hub.run(['issue', 'example.org', '--key-at-hub']));
    await mustBe(0, await hub.run(['agent', 'grant', 'mail', 'example.org']));
    await mustBe(0, await hub.run(['agent', 'ungrant', 'mail', 'example.org']));
    await mustBe(0, await agent.run(['run']));
    expect(await shown(estate)).toMatchObject({ keyOn: null, version: { keyOn: null } });

    // A lineage of its own for the same names.
    await withKeyOf(own, ['issue', 'example.org', '--as', 'example.org-web', '--key-on', 'web']);
    expect(await readdir(agent.live)).toEqual(['example.org', 'example.org-web']);
    const removed = await mustBe(0, await hub.run(['agent', 'remove', 'web']));
    expect(removed.stderr).toContain('hub agent add web --cert example.org-web');
    const gone = await mustBe(
      1,
      await hub.run(['renew', 'example.org-web', '--wait-delegation', '0']),
    );
    expect(gone.stderr).toContain('there is no agent web');
  },
);

class SQLiteReader implements Disposable {
  readonly #database: SQLite.Database;

  constructor(path: string) {
    this.#database = new SQLite(path, { readonly: true });
  }

  rows(query: string): readonly unknown[] {
    return this.#database.prepare(query).all();
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }
}
