import { appendFile, rm, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { frontEnd, mustBe, openEstate, type Daemon, type Estate } from '../../lab/index.js';

async function account({ hub }: Estate) {
  const listed = await mustBe(0, await hub.run(['account', 'list', '--json']));
  return JSON.parse(listed.stdout).authorities[0].account;
}

test('an account through its life: registered, contact, new key, closed, a new one', async () => {
  await using estate = await openEstate();
  const { hub, pebble } = estate;
  const first = await hub.serve();
  expect((await mustBe(0, await hub.run(['account', 'list']))).stdout).toContain('not registered');
  await estate.delegate('example.org');
  await mustBe(0, await hub.run(['issue', 'example.org']));
  const made = await account(estate);
  expect(made.url).toContain('/my-account/');

  await first.stop();
  const config = await readFile(hub.config, 'utf8');
  await writeFile(hub.config, config.replace('admin@example.org', 'night@example.org'));
  await hub.serve();
  const updated = await mustBe(0, await hub.run(['account', 'update', 'pebble']));
  expect(updated.stdout).toContain('it knows mailto:night@example.org now');

  await mustBe(0, await hub.run(['account', 'rollover', 'pebble']));
  const rolled = await account(estate);
  expect(rolled).toMatchObject({ url: made.url, changingKey: false });
  expect(rolled.keyAt > made.keyAt).toBe(true);
  await mustBe(0, await hub.run(['renew', 'example.org']));

  const unasked = await mustBe(2, await hub.run(['account', 'deactivate', 'pebble']));
  expect(unasked.stderr).toContain('nothing was changed');
  await mustBe(0, await hub.run(['account', 'deactivate', 'pebble', '--yes']));
  const refused = await mustBe(1, await hub.run(['renew', 'example.org']));
  expect(refused.stderr).toContain('our account at pebble was deactivated on');
  expect(refused.stderr).toContain('hub account register');
  expect(await pebble.log()).toContain('/my-account/');

  await mustBe(0, await hub.run(['account', 'register', 'pebble', '--yes']));
  const anew = await account(estate);
  expect(anew).toMatchObject({ deactivatedAt: null });
  expect(anew.url).not.toBe(made.url);
  await mustBe(0, await hub.run(['renew', 'example.org']));
});

test.each(['before', 'after'] as const)(
  'killed %s the authority changed the account’s key: the hub finds out which one is valid',
  async (moment) => {
    const houses: Daemon[] = [];
    let killed: Promise<void> | undefined;
    const isRollover = (path: string): boolean => {
      if (path !== '/rollover-account-key' || killed !== undefined) return false;
      killed = houses[0]?.kill();
      return true;
    };
    await using estate = await openEstate({
      pebble: { rejectNonces: 25 },
      directory:
        moment === 'before'
          ? frontEnd((path) => (isRollover(path) ? { status: 503 } : undefined))
          : frontEnd(
              () => undefined,
              // A nonce that pebble refuses, as it does now and then, has changed nothing.
              (path, status) => (status === 200 && isRollover(path) ? 'lost' : 'on'),
            ),
    });
    const { hub } = estate;
    houses.push(await hub.serve());
    await estate.delegate('example.org');
    await mustBe(0, await hub.run(['issue', 'example.org']));
    const before = await account(estate);
    await mustBe(4, await hub.run(['account', 'rollover', 'pebble']));
    expect(killed).toBeDefined();
    await killed;

    await hub.serve();
    await mustBe(0, await hub.run(['renew', 'example.org']));
    const settled = await account(estate);
    expect(settled).toMatchObject({ url: before.url, changingKey: false });
    expect(settled.keyAt === before.keyAt).toBe(moment === 'before');
    await mustBe(0, await hub.run(['account', 'rollover', 'pebble']));
    await mustBe(0, await hub.run(['renew', 'example.org']));
  },
);

test('an external account binding: registered with it, and a wrong MAC key is told', async () => {
  const macKey = 'zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W';
  await using estate = await openEstate({ pebble: { externalAccounts: { 'kid-1': macKey } } });
  const { hub } = estate;
  const file = join(hub.config, '..', 'eab');
  await writeFile(file, `${'A'.repeat(64)}\n`, { mode: 0o600 });
  await appendFile(hub.config, `eab_key_id = "kid-1"\neab_hmac_key_file = "${file}"\n`);
  await hub.serve();
  await estate.delegate('example.org');
  const wrong = await hub.run(['issue', 'example.org']);
  expect(wrong.code).toBe(1);
  await writeFile(file, `${macKey}\n`);
  await mustBe(0, await hub.run(['issue', 'example.org']));
  expect((await account(estate)).url).toContain('/my-account/');
  // Only who registers needs it.
  await rm(file);
  await mustBe(0, await hub.run(['renew', 'example.org']));
});
