import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { contenders, openGround, type Ground } from './ground.js';
import { jwkOf, newKey, RawClient, signed, type RawAnswer } from './raw-client.js';

/** What RFC 8555 has an authority refuse; no session of ours would send it. */
describe.each(contenders)('$name refuses', (contender) => {
  let ground: Ground;
  let client: RawClient;
  beforeAll(async () => {
    ground = await openGround(contender);
    client = await RawClient.open(ground.directory, ground.trust);
  });
  afterAll(() => ground[Symbol.asyncDispose]());

  const order = { identifiers: [{ type: 'dns', value: 'raw.example.org' }] };

  test('to make an account for who only looks for one (§7.3.1), or has not agreed (§7.3)', async () => {
    const key = await newKey();
    const ask = (payload: object): Promise<RawAnswer> =>
      client.post(client.resources.newAccount, { key, head: { jwk: jwkOf(key) }, payload });
    const looked = await ask({ onlyReturnExisting: true });
    expect(looked).toMatchObject({ status: 400, type: 'accountDoesNotExist' });
    expect(await ask({})).toMatchObject({
      status: 403,
      type: contender.isExact ? 'userActionRequired' : 'agreementRequired',
    });
    const made = await ask({ termsOfServiceAgreed: true });
    expect(made).toMatchObject({ status: 201, body: { status: 'valid' } });
    const found = await ask({ onlyReturnExisting: true });
    expect(found.status).toBe(200);
    expect(found.headers['location']).toBe(made.headers['location']);
  });

  test('a contact that it can’t reach (§7.3)', async () => {
    const key = await newKey();
    const refused = await client.post(client.resources.newAccount, {
      ...{ key, head: { jwk: jwkOf(key) } },
      payload: { termsOfServiceAgreed: true, contact: ['tel:112'] },
    });
    expect(refused).toMatchObject({ status: 400, type: 'unsupportedContact' });
  });

  test('a nonce that was used (§6.5), and gives another', async () => {
    const { key, url } = await client.account();
    const nonce = await client.nonce();
    const ask = (): Promise<RawAnswer> =>
      client.post(client.resources.newOrder, { key, payload: order, head: { kid: url, nonce } });
    expect((await ask()).status).toBe(201);
    const again = await ask();
    expect(again).toMatchObject({ status: 400, type: 'badNonce' });
    expect(again.headers['replay-nonce']).toMatch(/^[\w-]+$/);
    const invented = await client.post(client.resources.newOrder, {
      ...{ key, payload: order, head: { kid: url, nonce: 'aW52ZW50ZWQ' } },
    });
    expect(invented.type).toBe('badNonce');
  });

  test('what is signed for another URL (§6.4)', async () => {
    const { key, url } = await client.account();
    const refused = await client.post(client.resources.newOrder, {
      ...{ key, payload: order, head: { kid: url, url } },
    });
    expect(refused.type).toBe(contender.isExact ? 'unauthorized' : 'malformed');
  });

  test('a JWS with key and account both, and one with neither (§6.2)', async () => {
    const { key, url } = await client.account();
    for (const head of [{ kid: url, jwk: jwkOf(key) }, {}]) {
      const refused = await client.post(client.resources.newOrder, { key, payload: order, head });
      expect(refused).toMatchObject({ status: 400, type: 'malformed' });
    }
  });

  test('another content type (§6.2)', async () => {
    const { key, url } = await client.account();
    const refused = await client.post(client.resources.newOrder, {
      ...{ key, payload: order, head: { kid: url }, contentType: 'application/json' },
    });
    expect(refused).toMatchObject({ status: 415, type: 'malformed' });
  });

  test('a payload where a resource is only read (§6.3)', async () => {
    const { key, url } = await client.account();
    const head = { kid: url };
    const made = await client.post(client.resources.newOrder, { key, payload: order, head });
    const place = String(made.headers['location']);
    expect((await client.post(place, { key, head })).status).toBe(200);
    const refused = await client.post(place, { key, head, payload: {} });
    expect(refused).toMatchObject({ status: 400, type: 'malformed' });
  });

  test('an order for no name', async () => {
    const { key, url } = await client.account();
    const refused = await client.post(client.resources.newOrder, {
      ...{ key, head: { kid: url }, payload: { identifiers: [] } },
    });
    expect(refused).toMatchObject({ status: 400, type: 'malformed' });
  });

  test('a change of key that is not what §7.3.5 says', async () => {
    const { key, url } = await client.account();
    const [next, stranger] = [await newKey(), await client.account()];
    const place = client.resources.keyChange;
    const change = (head: object, payload: object, by = next): Promise<RawAnswer> =>
      client.post(place, {
        ...{ key, head: { kid: url } },
        payload: signed(by, { jwk: jwkOf(by), url: place, ...head }, payload),
      });
    const good = { account: url, oldKey: jwkOf(key) };
    const malformed = { status: 400, type: 'malformed' };
    expect(await change({ url }, good), 'the inner URL').toMatchObject(malformed);
    expect(await change({}, { ...good, account: stranger.url }), 'the account').toMatchObject(
      malformed,
    );
    expect(await change({}, { ...good, oldKey: jwkOf(stranger.key) }), 'the old key').toMatchObject(
      malformed,
    );
    expect(await change({}, good, key), 'no new key').toMatchObject(malformed);
    expect(await change({ jwk: jwkOf(stranger.key) }, good), 'another signed').toMatchObject(
      malformed,
    );
    const taken = await change({}, good, stranger.key);
    expect(taken.status).toBe(contender.isExact ? 409 : 500);
    if (contender.isExact) expect(taken.headers['location']).toBe(stranger.url);
    expect((await change({}, good)).status).toBe(200);
  });

  test('to validate a challenge that is decided (§7.1.6)', async () => {
    using session = await ground.member();
    const { order: valid } = await ground.obtain(session, ['decided.example.org']);
    const [authorization] = await session.authorizations(valid);
    const challenge = authorization?.challenges.find(({ status }) => status === 'valid');
    expect(challenge).toBeDefined();
    await expect(session.respond(challenge ?? never())).rejects.toMatchObject({
      kind: 'malformed',
    });
  });
});

function never(): never {
  throw new Error('there is none');
}
