import { expect, test } from 'vitest';
import {
  authorizationDocument,
  directoryDocument,
  orderDocument,
  problemDocument,
} from './documents.js';

const at = 'https://ca.test';

test.each([null, '', undefined])('what is written as %j is not there', (nothing) => {
  const order = {
    ...{ url: `${at}/1`, status: 'pending', authorizations: [], finalize: `${at}/finalize` },
    ...{ expires: nothing, certificate: nothing, replaces: nothing, error: nothing },
  };
  expect(orderDocument.parse(order)).not.toMatchObject({ certificate: expect.anything() });
  const challenge = { type: 'http-01', url: `${at}/c`, status: 'pending' };
  const authorization = authorizationDocument.parse({
    ...{ url: `${at}/2`, identifier: { type: 'dns', value: 'a.example' }, status: 'pending' },
    wildcard: nothing,
    challenges: [{ ...challenge, token: nothing, error: nothing }],
  });
  expect(authorization.challenges[0]?.token).toBeUndefined();
  expect(authorization.challenges[0]?.error).toBeUndefined();
  const needed = { newNonce: `${at}/n`, newAccount: `${at}/a`, newOrder: `${at}/o` };
  const usual = { caaIdentities: [], externalAccountRequired: false, profiles: {} };
  const empty = {
    ...{ termsOfService: nothing, caaIdentities: nothing, profiles: nothing },
    externalAccountRequired: nothing,
  };
  for (const meta of [nothing, empty]) {
    const addresses = { revokeCert: nothing, keyChange: nothing, renewalInfo: nothing };
    const read = directoryDocument.parse({ ...needed, ...addresses, meta });
    expect(read.meta).toMatchObject(usual);
    expect(read.renewalInfo).toBeUndefined();
  }
  const words = { type: nothing, title: nothing, instance: nothing };
  expect(problemDocument.parse({ ...words, detail: 'no', subproblems: nothing }).detail).toBe('no');
});

test('what has to be there is asked for, and an address that is there has to be one', () => {
  const order = { url: `${at}/1`, status: 'pending', authorizations: [], finalize: null };
  expect(orderDocument.safeParse(order).success).toBe(false);
  const odd = { ...order, finalize: `${at}/finalize`, certificate: 'nowhere' };
  expect(orderDocument.safeParse(odd).success).toBe(false);
});
