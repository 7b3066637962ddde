import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { expect, test } from 'vitest';
import { authoritiesIn, issuerAmong, newestOf, trustAfter } from './trust.js';

const now = new Date('2026-11-25T00:00:00Z');
const day = 86_400_000;
const ec = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
x509.cryptoProvider.set(webcrypto);

type Keys = webcrypto.CryptoKeyPair;
const newKeys = (): Promise<Keys> =>
  webcrypto.subtle.generateKey(ec, true, ['sign', 'verify']) as Promise<Keys>;

interface Wish {
  readonly of: Keys;
  readonly by?: Keys;
  readonly name?: string;
  readonly issuer?: string;
  readonly isCa?: boolean;
  readonly days?: number;
}

async function certificate(wish: Wish): Promise<string> {
  const { of, by = of, name = 'CN=Hub CA', issuer = name, isCa = true, days = 10 } = wish;
  const made = await x509.X509CertificateGenerator.create({
    ...{ serialNumber: '01', subject: name, issuer, signingAlgorithm: ec },
    ...{ publicKey: of.publicKey, signingKey: by.privateKey },
    notBefore: new Date(now.getTime() - 20 * day),
    notAfter: new Date(now.getTime() + days * day),
    extensions: [new x509.BasicConstraintsExtension(isCa, isCa ? 0 : undefined, true)],
  });
  return `${made.toString('pem')}\n`;
}

async function changed() {
  const [old, next, thief] = [await newKeys(), await newKeys(), await newKeys()];
  return {
    ...{ old, next, thief },
    first: await certificate({ of: old }),
    second: await certificate({ of: next }),
    link: await certificate({ of: next, by: old }),
  };
}

test('a CA that the trusted one has signed is trusted beside it, and then alone', async () => {
  const { first, second, link } = await changed();
  const both = trustAfter([first], { authorities: [first, second], link }, now);
  expect(both).toEqual({ authorities: [first, second], refused: [] });
  const alone = trustAfter(both.authorities, { authorities: [second], link }, now);
  expect(alone).toEqual({ authorities: [second], refused: [] });
  // Slept through all of it.
  expect(trustAfter([first], { authorities: [second], link }, now)).toEqual(alone);
  expect(authoritiesIn(`${first}${second}`)).toEqual([first, second]);
});

test.each([
  ['without a link', { link: undefined }],
  ['with a link that it has signed itself', { by: 'thief' }],
  ['with a link to another key', { of: 'old' }],
  ['with a link by another name', { issuer: 'CN=Another' }],
  ['with a link that is no CA', { isCa: false }],
  ['with a link that has ended', { days: -1 }],
] as const)('a CA %s is refused, and nothing changes', async (_how, fault) => {
  const parts = await changed();
  const { first, old, next, thief } = parts;
  const keys = { old, next, thief };
  const forged = await certificate({ of: thief });
  const wish: Wish = {
    of: keys['of' in fault ? fault.of : 'thief'],
    by: keys['by' in fault ? fault.by : 'old'],
    ...('issuer' in fault ? { issuer: fault.issuer, name: fault.issuer } : {}),
    ...('isCa' in fault ? { isCa: fault.isCa } : {}),
    ...('days' in fault ? { days: fault.days } : {}),
  };
  const link = 'link' in fault ? undefined : await certificate(wish);
  const after = trustAfter([first], { authorities: [forged], link }, now);
  expect(after.authorities).toEqual([first]);
  expect(after.refused).toEqual([newestOf([forged])]);
  const beside = trustAfter([first], { authorities: [first, forged], link }, now);
  expect(beside.authorities).toEqual([first]);
});

test('the real link does not let another CA in', async () => {
  const { first, second, link, thief } = await changed();
  const forged = await certificate({ of: thief });
  const after = trustAfter([first], { authorities: [second, forged], link }, now);
  expect(after.authorities).toEqual([second]);
  expect(
    trustAfter([first], { authorities: ['nonsense', ''], link: 'nonsense' }, now),
  ).toMatchObject({
    authorities: [first],
    refused: ['(no certificate)', '(no certificate)'],
  });
});

test('whose certificate it is, of several CAs of one name', async () => {
  const { first, second, old, next, thief } = await changed();
  const leaf = (by: Keys) => certificate({ of: thief, by, name: 'CN=web', isCa: false });
  expect(issuerAmong([first, second], await leaf(old))).toBe(newestOf([first]));
  expect(issuerAmong([first, second], await leaf(next))).toBe(newestOf([second]));
  expect(issuerAmong([first, second], await leaf(thief))).toBeUndefined();
});
