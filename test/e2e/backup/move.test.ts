import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeAgent, makeHeir, mustBe, openEstate, runTool, type Estate } from '../../lab/index.js';

const load = ['one', 'two', 'three', 'four', 'five', 'six'].map((word) => `${word}.example.org`);
/** Has no CNAME while the backup is made: its issuance waits at that moment, whatever else does. */
const waiting = 'late.example.org';

async function json(result: Promise<{ code: number | undefined; stdout: string; stderr: string }>) {
  const { code, stdout, stderr } = await result;
  if (code !== 0 && code !== 3) throw new Error(`exit ${code}: ${stderr}${stdout}`);
  return JSON.parse(stdout);
}

async function serial(live: string): Promise<string> {
  const file = join(live, 'example.org', 'cert.pem');
  return runTool('openssl', ['x509', '-noout', '-serial', '-in', file]);
}

async function accountUrl({ hub }: Pick<Estate, 'hub'>): Promise<string> {
  const { authorities } = await json(hub.run(['account', 'list', '--json']));
  return authorities[0].account.url;
}

test('a second hub from a backup taken under load: every CNAME, agent, key and account goes on working', async () => {
  await using estate = await openEstate({ domains: ['example.org'] });
  const { hub, lab, nameServer } = estate;
  const first = await hub.serve();
  await estate.delegate('example.org');
  await mustBe(0, await hub.run(['issue', 'example.org']));
  const agent = await makeAgent(lab, 'web');
  const invited = await mustBe(0, await hub.run(['agent', 'add', 'web', '--cert', 'example.org']));
  await mustBe(0, await agent.run(['enroll'], { input: invited.stdout }));
  await mustBe(0, await agent.run(['run']));
  const installed = await serial(agent.live);
  const account = await accountUrl(estate);
  const target = await estate.wantedTarget(waiting);

  const place = await lab.makeDirectory('backups');
  const passphrase = join(place, 'passphrase');
  await writeFile(passphrase, 'correct horse battery staple\n');
  for (const domain of load) await estate.delegate(domain);
  let issued = 0;
  const issuing = Promise.all(
    load.map(async (domain) => {
      await mustBe(0, await hub.run(['issue', domain]));
      issued += 1;
    }),
  );
  const files: string[] = [];
  do {
    const file = join(place, `${files.length}.age`);
    await mustBe(0, await hub.run(['backup', file, '--passphrase-file', passphrase, '--json']));
    files.push(file);
  } while (issued < load.length);
  await issuing;
  await first.kill();

  // Each of them is whole; the one to live on is the first, taken while the most was going on.
  for (const file of files.toReversed()) {
    const heir = await makeHeir(lab, hub);
    const restored = await json(
      heir.run(['restore', file, '--keep-config', '--passphrase-file', passphrase, '--json']),
    );
    expect(restored).toMatchObject({ agents: ['web'], orphans: [] });
    expect(restored.certificates).toEqual(expect.arrayContaining(['example.org', waiting]));
    if (file !== files[0]) continue;
    await heir.serve();
    expect(await accountUrl({ hub: heir })).toBe(account);

    const { records } = await json(heir.run(['records', '--json']));
    const cnames = records.filter(({ type }: { type: string }) => type === 'CNAME');
    const missing = cnames.filter(({ state }: { state: string }) => state !== 'there');
    expect(missing.map(({ name }: { name: string }) => name)).toEqual([
      `_acme-challenge.${waiting}`,
    ]);

    // The agent, which was told nothing of the move, gets the key that the first hub made, and then a new one.
    await mustBe(0, await agent.run(['run']));
    expect(await serial(agent.live)).toBe(installed);
    await mustBe(0, await heir.run(['renew', 'example.org']));
    await mustBe(0, await agent.run(['run']));
    expect(await serial(agent.live)).not.toBe(installed);

    // What waited at the first hub is finished by the second, by the record that the first one asked for.
    await nameServer.addRecord(`_acme-challenge.${waiting} CNAME ${target}.`);
    await mustBe(0, await heir.run(['issue', waiting]));
    for (const domain of load) await mustBe(0, await heir.run(['issue', domain]));
    expect(await accountUrl({ hub: heir })).toBe(account);
    const audit = await readFile(join(heir.config, '..', 'log'), 'utf8');
    expect(audit).not.toContain('does not open with this master key');
  }
}, 180_000);

test('a restore says what follows, and replaces nothing that is there', async () => {
  await using estate = await openEstate();
  const { hub, lab } = estate;
  const place = await lab.makeDirectory('backups');
  const file = join(place, 'hub.age');
  const identity = join(place, 'identity');
  await runTool('age-keygen', ['-o', identity]);
  const recipient = (await runTool('age-keygen', ['-y', identity])).trim();
  // The hub does not run: that is no hindrance.
  const made = await mustBe(0, await hub.run(['backup', file, '--recipient', recipient]));
  expect(made.stdout).toContain('0 certificates, 0 CNAME targets, 0 agents');

  const words = ['restore', file, '--identity', identity];
  const inTheWay = await mustBe(2, await hub.run(words));
  expect(inTheWay.stderr).toContain(`${hub.config} is there already; nothing was written`);
  const full = await mustBe(2, await hub.run([...words, '--keep-config']));
  expect(full.stderr).toMatch(/state is not empty: it has \S+; nothing was written/);

  const heir = await makeHeir(lab, hub);
  const restored = await mustBe(0, await heir.run([...words, '--keep-config']));
  expect(restored.stdout).toContain(`kept ${heir.config}`);
  expect(restored.stdout).toContain('must not run any more');
  expect(restored.stdout).toContain('acme-dns.beispiel.test. 3600 IN NS acme-dns.beispiel.test.');
  expect(restored.stdout).toContain('hub doctor');
  const again = await mustBe(2, await heir.run([...words, '--keep-config']));
  expect(again.stderr).toContain('is not empty');
  await heir.serve();
});
