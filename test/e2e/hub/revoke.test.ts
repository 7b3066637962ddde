import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '@sixhub/base';
import { createVault, openStore, parseDnsName } from '@sixhub/hub';
import { certificateName } from '@sixhub/protocol';
import { expect, test } from 'vitest';
import { mustBe, openEstate, runAtTerminal, type Estate } from '../../lab/index.js';

interface Version {
  readonly id: string;
  readonly serial: string;
  readonly publicKeySha256: string;
  readonly revoked: { readonly reason: string } | null;
}

async function versionsOf({ hub }: Estate, name = 'example.org'): Promise<readonly Version[]> {
  const shown = await mustBe(0, await hub.run(['show', name, '--versions', '--json']));
  return JSON.parse(shown.stdout).versions;
}

/** Newest first; throws where there are fewer. */
async function newest(estate: Estate): Promise<Version> {
  const [first] = await versionsOf(estate);
  if (first === undefined) throw new Error('there is no version');
  return first;
}

async function statusAt({ pebble }: Estate, { serial }: Version) {
  return JSON.parse(await pebble.manage(`/cert-status-by-serial/${serial}`));
}

async function issued(words: readonly string[] = []): Promise<Estate> {
  const estate = await openEstate();
  await estate.hub.serve();
  // With the same words each time, so that the second joins what the first began.
  const ask = ['issue', 'example.org', ...words];
  const asked = await mustBe(3, await estate.hub.run([...ask, '--wait-delegation', '0']));
  const record = /^ *(_acme-challenge\S+ 300 IN CNAME \S+)$/m.exec(asked.stderr)?.[1];
  await estate.nameServer.addRecord(record ?? '');
  await mustBe(0, await estate.hub.run(ask));
  return estate;
}

test.each([
  ['unspecified', 0],
  ['keyCompromise', 1],
  ['superseded', 4],
] as const)(
  'revoked as %s: the authority knows why, and it is replaced at once',
  async (reason, code) => {
    await using estate = await issued(['--reuse-key']);
    const before = await newest(estate);
    const revoked = await mustBe(
      0,
      await estate.hub.run(['revoke', 'example.org', '--reason', reason, '--yes']),
    );
    expect(revoked.stdout).toContain(`revoked (${reason})`);
    expect(revoked.stdout).toContain('issued by Pebble');
    expect(await statusAt(estate, before)).toMatchObject({ Status: 'Revoked', Reason: code });
    const [after, old] = await versionsOf(estate);
    expect(old).toMatchObject({ id: before.id, revoked: { reason } });
    expect(after?.revoked).toBeNull();
    expect(revoked.stderr.includes('TLSA')).toBe(reason === 'keyCompromise');
    // A kept key is not kept when it is compromised.
    expect(after?.publicKeySha256 === before.publicKeySha256).toBe(reason !== 'keyCompromise');
  },
);

test.each([
  ['affiliationChanged', 3],
  ['cessationOfOperation', 5],
] as const)(
  'revoked as %s: it ends, agents get it no more, and `hub issue` begins anew',
  async (reason, code) => {
    await using estate = await issued();
    const { hub } = estate;
    const before = await newest(estate);
    const revoked = await mustBe(
      0,
      await hub.run(['revoke', 'example.org', '--reason', reason, '--yes']),
    );
    expect(revoked.stdout).toContain('it is not renewed any more');
    expect(await statusAt(estate, before)).toMatchObject({ Status: 'Revoked', Reason: code });
    const listed = await mustBe(0, await hub.run(['list']));
    expect(listed.stdout.replaceAll(/\s+/g, ' ')).toContain(`revoked (${reason})`);
    expect(await versionsOf(estate)).toHaveLength(1);
    const again = await hub.run(['revoke', 'example.org', '--reason', reason, '--yes']);
    expect(again.code).toBe(1);
    expect(again.stderr).toContain(`is revoked already (${reason})`);

    await mustBe(0, await hub.run(['issue', 'example.org']));
    expect(await versionsOf(estate)).toHaveLength(2);
    const audit = await mustBe(0, await hub.run(['show', 'example.org']));
    expect(audit.stdout).toMatch(/state +ok/);
  },
);

test('an older version alone: the newest stands; after a compromise all that have the key go', async () => {
  await using estate = await issued(['--reuse-key']);
  const { hub } = estate;
  const first = await newest(estate);
  await mustBe(0, await hub.run(['renew', 'example.org']));
  const one = await mustBe(
    0,
    await hub.run([
      'revoke',
      'example.org',
      '--version',
      first.id,
      '--reason',
      'superseded',
      '--yes',
    ]),
  );
  expect(one.stdout).toContain('the newest version is another one, and stands');
  expect((await newest(estate)).revoked).toBeNull();
  await mustBe(
    0,
    await hub.run([
      'revoke',
      'example.org',
      '--version',
      first.id,
      '--reason',
      'keyCompromise',
      '--yes',
    ]),
  );
  const [third, second, old] = await versionsOf(estate);
  expect([second, old].map((version) => version?.revoked?.reason)).toEqual([
    'keyCompromise',
    'keyCompromise',
  ]);
  expect(third?.publicKeySha256).not.toBe(first.publicKeySha256);
});

test('with the account gone, the certificate’s own key revokes: P-256, P-384, RSA', async () => {
  await using estate = await issued(['--key', 'p256']);
  const { hub } = estate;
  await mustBe(0, await hub.run(['issue', 'example.org', '--key', 'p384']));
  await mustBe(0, await hub.run(['issue', 'example.org', '--key', 'rsa2048']));
  await mustBe(0, await hub.run(['account', 'deactivate', 'pebble', '--yes']));
  const versions = await versionsOf(estate);
  expect(versions).toHaveLength(3);
  for (const { id } of versions) {
    await mustBe(
      0,
      await hub.run([
        ...['revoke', 'example.org', '--version', id],
        ...['--reason', 'cessationOfOperation', '--yes'],
      ]),
    );
  }
  for (const version of versions) {
    expect(await statusAt(estate, version)).toMatchObject({ Status: 'Revoked' });
  }
});

test('nothing is revoked unasked, without a reason, or for a reason that there is not', async () => {
  await using estate = await issued();
  const { hub } = estate;
  const unasked = await mustBe(
    2,
    await hub.run(['revoke', 'example.org', '--reason', 'superseded']),
  );
  expect(unasked.stderr).toContain('nothing was revoked');
  const bare = await mustBe(2, await hub.run(['revoke', 'example.org', '--yes']));
  expect(bare.stderr).toContain('--reason is missing');
  const odd = await mustBe(
    2,
    await hub.run(['revoke', 'example.org', '--reason', 'bored', '--yes']),
  );
  expect(odd.stderr).toContain('is no reason; known: unspecified, keyCompromise');
  expect((await newest(estate)).revoked).toBeNull();
});

async function account({ hub }: Estate) {
  const listed = await mustBe(0, await hub.run(['account', 'list', '--json']));
  return JSON.parse(listed.stdout).authorities[0].account;
}

test('a compromise of more: first the account’s key is changed, then the certificate is replaced', async () => {
  await using estate = await issued();
  const { hub } = estate;
  const [before, ours] = [await newest(estate), await account(estate)];
  const alone = await mustBe(
    2,
    await hub.run(['revoke', 'example.org', '--reason', 'superseded', '--account', '--yes']),
  );
  expect(alone.stderr).toContain('hub account rollover');
  const revoked = await mustBe(
    0,
    await hub.run(['revoke', 'example.org', '--reason', 'keyCompromise', '--account', '--yes']),
  );
  expect(revoked.stdout).toMatch(/^pebble: the account has a new key[^]*revoked[^]*issued by/);
  const after = await account(estate);
  expect(after).toMatchObject({ url: ours.url, changingKey: false });
  expect(after.keyAt > ours.keyAt).toBe(true);
  expect(await statusAt(estate, before)).toMatchObject({ Status: 'Revoked', Reason: 1 });
  expect((await newest(estate)).publicKeySha256).not.toBe(before.publicKeySha256);
});

test('a compromise in which the account is lost: a new one, and the certificate’s key revokes', async () => {
  await using estate = await issued();
  const { hub } = estate;
  const [before, ours] = [await newest(estate), await account(estate)];
  // As whoever had its key might have done.
  await mustBe(0, await hub.run(['account', 'deactivate', 'pebble', '--yes']));
  const revoked = await mustBe(
    0,
    await hub.run(['revoke', 'example.org', '--reason', 'keyCompromise', '--account', '--yes']),
  );
  expect(revoked.stdout).toContain('pebble: the account was not ours any more; a new one');
  expect((await account(estate)).url).not.toBe(ours.url);
  expect(await statusAt(estate, before)).toMatchObject({ Status: 'Revoked', Reason: 1 });
  expect((await newest(estate)).revoked).toBeNull();
});

/** A second certificate with the key of the first, as only an import or a database that was mended could make it. */
async function shareKey({ hub }: Estate): Promise<void> {
  const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const vault = createVault(await readFile(join(hub.state, 'master.key')));
  await using store = await openStore(join(hub.state, 'hub.db'), vault, systemClock, quiet);
  const first = await store.certificates.newest(certificateName.parse('example.org'));
  const key = first && (await store.certificates.privateKey(first.id));
  const parsed = parseDnsName('example.org');
  if (key === undefined || parsed.kind !== 'name') throw new Error('nothing was issued');
  const certificate = certificateName.parse('example.org-rsa');
  const names = [parsed.name];
  const same = { names, keyKind: 'p256', reuseKey: true, keyOn: undefined } as const;
  const createdAt = systemClock.now();
  await store.certificates.save({ name: certificate, ...same, createdAt });
  const id = randomUUID();
  await store.issuances.create({
    ...{ id, certificate, ...same, authority: 'pebble', stage: 'order', createdAt },
    ...{
      request: undefined,
      orderUrl: undefined,
      failures: 0,
      retryAt: undefined,
      retryOrdered: false,
    },
  });
  await store.issuances.saveKey(id, key);
}

test('a compromised key is so in every certificate that has it: all are revoked, and all replaced', async () => {
  await using estate = await openEstate();
  const { hub } = estate;
  const daemon = await hub.serve();
  await estate.delegate('example.org');
  await mustBe(0, await hub.run(['issue', 'example.org']));
  await daemon.stop();
  await shareKey(estate);
  await hub.serve();
  await expect
    .poll(async () => (await versionsOf(estate, 'example.org-rsa')).length, { timeout: 20_000 })
    .toBe(1);
  const [first, second] = [
    await versionsOf(estate),
    await versionsOf(estate, 'example.org-rsa'),
  ].flat();
  if (first === undefined || second === undefined) throw new Error('two versions');
  expect(second.publicKeySha256).toBe(first.publicKeySha256);

  const revoked = await mustBe(
    0,
    await hub.run(['revoke', 'example.org', '--reason', 'keyCompromise', '--yes']),
  );
  expect(revoked.stdout).toContain(`serial ${second.serial}; it had the key of example.org`);
  for (const version of [first, second]) {
    expect(await statusAt(estate, version)).toMatchObject({ Status: 'Revoked', Reason: 1 });
  }
  for (const name of ['example.org', 'example.org-rsa']) {
    const [now] = await versionsOf(estate, name);
    expect(now?.revoked).toBeNull();
    expect(now?.publicKeySha256).not.toBe(first.publicKeySha256);
  }
});

test('at a terminal it asks, and does what it is answered', async () => {
  await using estate = await issued();
  const { hub } = estate;
  const words = ['revoke', 'example.org', '--reason', 'superseded', '--config', hub.config];
  const to = '[y/N] ';
  const no = await runAtTerminal('hub', words, { to, with: 'n' });
  expect(no.screen).toContain('example.org: revoke its newest version for good (superseded)?');
  expect(no.screen).toContain('nothing was revoked');
  expect(no.code).toBe(2);
  const before = await newest(estate);
  expect(before.revoked).toBeNull();
  const yes = await runAtTerminal('hub', words, { to, with: 'y' });
  expect(yes.screen).toContain('issued by Pebble');
  expect(yes.code).toBe(0);
  expect(await statusAt(estate, before)).toMatchObject({ Status: 'Revoked', Reason: 4 });
});
