import { expect, test } from 'vitest';
import { mustBe, openEstate, type Estate } from '../../lab/index.js';

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
  await estate.delegate('example.org');
  await mustBe(0, await estate.hub.run(['issue', 'example.org', ...words]));
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
    expect((await mustBe(0, await hub.run(['list']))).stdout).toContain(`revoked (${reason})`);
    expect(await versionsOf(estate)).toHaveLength(1);
    const again = await hub.run(['revoke', 'example.org', '--reason', reason, '--yes']);
    expect(again.code).toBe(1);
    expect(again.stderr).toContain(`is revoked already (${reason})`);

    await mustBe(0, await hub.run(['issue', 'example.org']));
    expect(await versionsOf(estate)).toHaveLength(2);
    const audit = await mustBe(0, await hub.run(['show', 'example.org']));
    expect(audit.stdout).toContain('state     ok');
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
