import { createPrivateKey, X509Certificate } from 'node:crypto';
import { AuthorityProblem, createCsr, createKey } from '@sixhub/acme';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { contenders, kindOf, openGround, type Ground } from './ground.js';

/**
 * What RFC 8555 has every authority do, asked of pebble and of the test authority alike, so that what the other tests
 * see of the second is what they would see of a real one.
 */
describe.each(contenders)('$name', (contender) => {
  let ground: Ground;
  beforeAll(async () => {
    ground = await openGround(contender);
  });
  afterAll(() => ground[Symbol.asyncDispose]());

  test('its directory', async () => {
    using session = ground.session(await createKey('p256'));
    const { meta } = await session.directory();
    expect(meta.externalAccountRequired).toBe(false);
    expect(meta.termsOfService).toMatch(/^[a-z]+:/);
  });

  test('an account is made once a key, and found again', async () => {
    const key = await createKey('p256');
    using first = ground.session(key);
    const accountUrl = await first.register(['mailto:admin@example.org']);
    using second = ground.session(key);
    expect(await second.register([])).toBe(accountUrl);
    using third = ground.session(key, { accountUrl });
    await third.lookUp();
    await third.updateContact(['mailto:night@example.org']);
    expect(await kindOf(third.updateContact(['tel:112']))).toBeTypeOf('string');
  });

  test('an account that it does not know, and one of another key', async () => {
    const key = await createKey('p256');
    using known = ground.session(key);
    const accountUrl = await known.register([]);
    using stranger = ground.session(key, { accountUrl: `${accountUrl}987654` });
    expect(await kindOf(stranger.lookUp())).toBe('account-unknown');
    using thief = ground.session(await createKey('p256'), { accountUrl });
    expect(await kindOf(thief.lookUp())).toBe('malformed');
  });

  test('a change of key: from then on the new one, and the old one no more', async () => {
    const [old, next] = [await createKey('p256'), await createKey('p256')];
    using session = ground.session(old);
    const accountUrl = await session.register([]);
    await session.changeKey(next);
    await session.lookUp();
    using before = ground.session(old, { accountUrl });
    expect(await kindOf(before.lookUp())).toBe('malformed');
    using after = ground.session(next, { accountUrl });
    await after.newOrder({ names: ['key.example.org'] });
  });

  test('an account that was deactivated can nothing any more', async () => {
    const key = await createKey('p256');
    using session = ground.session(key);
    const accountUrl = await session.register([]);
    await session.deactivate();
    expect(await kindOf(session.newOrder({ names: ['gone.example.org'] }))).toBe('unauthorized');
    using again = ground.session(key);
    expect(await kindOf(again.register([]))).toBe('unauthorized');
    using still = ground.session(key, { accountUrl });
    expect(await kindOf(still.lookUp())).toBe('unauthorized');
  });

  test('apex and wildcard, from the order to the certificate', async () => {
    using session = await ground.member();
    const names = ['one.example.org', '*.one.example.org'];
    const order = await session.newOrder({ names });
    expect(order.status).toBe('pending');
    const authorizations = await session.authorizations(order);
    expect(authorizations.map(({ identifier, wildcard }) => [identifier.value, wildcard === true]))
      .toSatisfy((seen: readonly unknown[]) => seen.length === 2)
      .and.toEqual(
        expect.arrayContaining([
          ['one.example.org', false],
          ['one.example.org', true],
        ]),
      );
    expect(
      await kindOf(session.finalize(order, await createCsr(names, await createKey('p256')))),
    ).toBe('order-not-ready');

    await ground.answer(order, session);
    const ready = await session.validated(order.url);
    expect(ready.status).toBe('ready');
    const key = await createKey('p256');
    expect((await session.finalize(ready, await createCsr(names, key))).url).toBe(order.url);
    const valid = await session.issued(order.url);
    const [leaf, issuer] = certificates(await session.download(valid));
    expect(leaf?.checkPrivateKey(createPrivateKey(key))).toBe(true);
    expect(leaf?.subjectAltName?.split(', ').toSorted()).toEqual(
      names.map((name) => `DNS:${name}`).toSorted(),
    );
    expect(issuer && leaf?.verify(issuer.publicKey)).toBe(true);
    expect((await session.order(order.url)).status).toBe('valid');
    const decided = await session.authorizations(valid);
    expect(decided.map(({ status }) => status)).toEqual(['valid', 'valid']);
  });

  test('an order is its account’s alone', async () => {
    using owner = await ground.member();
    const order = await owner.newOrder({ names: ['own.example.org'] });
    using other = await ground.member();
    expect(await kindOf(other.order(order.url))).toBe('unauthorized');
    expect(await kindOf(other.authorizations(order))).toBe('unauthorized');
    const nowhere = await refusedAs(owner.order(`${order.url}98765`));
    expect(nowhere?.status).toBe(404);
  });

  test.each([
    ['another value', () => 'x'.repeat(43)],
    ['no value', () => ''],
  ])(
    '%s at the challenge’s name: the order is lost, with what was seen at each name',
    async (what, instead) => {
      using session = await ground.member();
      const label = what.split(' ')[0];
      const names = [`${label}.example.org`, `also-${label}.example.org`];
      const order = await session.newOrder({ names });
      await ground.answer(order, session, instead);
      const problem = await refusedAs(session.validated(order.url));
      expect(problem?.kind).toBe('incorrect-response');
      const [seen] = problem?.subProblems ?? [];
      expect(names).toContain(seen?.name);
      expect(seen?.kind).toBe('incorrect-response');
      expect(seen?.detail).not.toBe('');
      expect((await session.order(order.url)).status).toBe('invalid');
    },
  );

  test('a CSR for other names, and one with the key of an account', async () => {
    const accountKey = await createKey('p256');
    using session = ground.session(accountKey);
    await session.register([]);
    const names = ['csr.example.org'];
    const order = await session.newOrder({ names });
    await ground.answer(order, session);
    const ready = await session.validated(order.url);
    const others = await createCsr(['other.example.org'], await createKey('p256'));
    expect(await kindOf(session.finalize(ready, others))).toBe('unauthorized');
    const more = await createCsr([...names, 'other.example.org'], await createKey('p256'));
    expect(await kindOf(session.finalize(ready, more))).toBe('unauthorized');
    expect(await kindOf(session.finalize(ready, await createCsr(names, accountKey)))).toBe(
      'bad-csr',
    );
    // None of them has cost the order.
    await session.finalize(ready, await createCsr(names, await createKey('p256')));
    expect((await session.issued(order.url)).status).toBe('valid');
  });

  test('every kind of key', async () => {
    using session = await ground.member();
    for (const kind of ['p384', 'rsa2048'] as const) {
      const names = [`${kind}.example.org`];
      const order = await session.newOrder({ names });
      await ground.answer(order, session);
      const ready = await session.validated(order.url);
      const key = await createKey(kind);
      await session.finalize(ready, await createCsr(names, key));
      const pem = await session.download(await session.issued(order.url));
      expect(certificates(pem)[0]?.checkPrivateKey(createPrivateKey(key))).toBe(true);
      await session.revokeByKey(pem, key, 'superseded');
    }
  });

  test('the other chain is found by its issuer, and the usual one is taken without', async () => {
    using session = await ground.member();
    const { order, pem } = await ground.obtain(session, ['chain.example.org']);
    const other = await ground.otherIssuer();
    expect(issuers(pem)).not.toContain(other);
    const chosen = await session.download(order, other);
    expect(issuers(chosen)).toContain(other);
    expect(certificates(chosen)[0]?.fingerprint256).toBe(certificates(pem)[0]?.fingerprint256);
    expect(issuers(await session.download(order, 'nobody'))).toEqual(issuers(pem));
  });

  test('revoked by its account once, not twice, and not by another', async () => {
    using session = await ground.member();
    const { pem } = await ground.obtain(session, ['revoked.example.org']);
    using other = await ground.member();
    expect(await kindOf(other.revoke(pem, 'unspecified'))).toBe('unauthorized');
    await session.revoke(pem, 'keyCompromise');
    expect(await kindOf(session.revoke(pem, 'keyCompromise'))).toBe('already-revoked');
  });

  test('revoked by its own key, without the account', async () => {
    using session = await ground.member();
    const { pem, key } = await ground.obtain(session, ['bykey.example.org']);
    using nobody = ground.session(await createKey('p256'));
    expect(await kindOf(nobody.revokeByKey(pem, await createKey('p256'), 'keyCompromise'))).toBe(
      'unauthorized',
    );
    await nobody.revokeByKey(pem, key, 'keyCompromise');
    expect(await kindOf(nobody.revokeByKey(pem, key, 'keyCompromise'))).toBe('already-revoked');
  });
});

describe.each(contenders)('$name, told otherwise', (contender) => {
  test('valid authorizations serve the next order: it comes ready, and nothing is validated', async () => {
    await using ground = await openGround(contender, { reuse: true });
    using session = await ground.member();
    const names = ['twice.example.org', '*.twice.example.org'];
    await ground.obtain(session, names);
    await ground.nameServer.removeRecords('_acme-challenge.twice.example.org');
    const second = await session.newOrder({ names });
    expect(second.status).toBe('ready');
    expect((await session.authorizations(second)).map(({ status }) => status)).toEqual([
      'valid',
      'valid',
    ]);
    await session.finalize(second, await createCsr(names, await createKey('p256')));
    expect((await session.issued(second.url)).status).toBe('valid');
    using other = await ground.member();
    expect((await other.newOrder({ names })).status, 'only their account’s').toBe('pending');
  });

  test('an external account is required, and its MAC checked', async () => {
    const hmacKey = 'zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W';
    await using ground = await openGround(contender, { externalAccounts: { 'kid-1': hmacKey } });
    const key = await createKey('p256');
    using without = ground.session(key);
    expect((await without.directory()).meta.externalAccountRequired).toBe(true);
    expect(await kindOf(without.register([]))).toBe('external-account-required');
    using wrong = ground.session(key, {
      externalAccount: { keyId: 'kid-1', hmacKey: 'A'.repeat(64) },
    });
    expect(await kindOf(wrong.register([]))).toBe('unauthorized');
    using unknown = ground.session(key, { externalAccount: { keyId: 'kid-2', hmacKey } });
    expect(await kindOf(unknown.register([]))).toBe('unauthorized');
    using right = ground.session(key, { externalAccount: { keyId: 'kid-1', hmacKey } });
    expect(await right.register([])).toContain(new URL(ground.directory).host);
  });

  test.each([5, 50])(
    'of a hundred good nonces %i refused: an issuance goes on',
    async (rejectNonces) => {
      await using ground = await openGround(contender, { rejectNonces });
      using session = await ground.member();
      const { order } = await ground.obtain(session, ['nonce.example.org', '*.nonce.example.org']);
      expect(order.status).toBe('valid');
    },
  );
});

function certificates(pem: string): readonly X509Certificate[] {
  return (pem.match(/-----BEGIN[^-]*-----[^-]*-----END[^-]*-----/g) ?? []).map(
    (one) => new X509Certificate(one),
  );
}

function issuers(pem: string): readonly string[] {
  return certificates(pem).map(({ issuer }) => issuer.replace(/^.*CN=/s, ''));
}

async function refusedAs(work: Promise<unknown>): Promise<AuthorityProblem | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    if (error instanceof AuthorityProblem) return error;
    throw error;
  }
}
