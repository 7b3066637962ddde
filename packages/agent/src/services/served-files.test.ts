import { expect, it } from 'vitest';
import { makeAuthority } from '../testing/authority.js';
import { lastOfEachKind, shownOfCertificate, shownOfChain } from './served-files.js';

const authority = await makeAuthority();
const ec = await authority.issue({ names: ['ec.example'] });
const rsa = await authority.issue({ names: ['rsa.example'], weak: true });
const file = (path: string, ...texts: readonly string[]): { path: string; text: string } => ({
  path,
  text: texts.join(''),
});

it('finds the certificates that follow a key, and no chain', () => {
  const files = [
    file('/privkey.pem', ec.privateKey),
    file('/cert.pem', ec.certificate),
    file('/chain.pem', authority.pem),
    file('/both.pem', rsa.privateKey, rsa.certificate, authority.pem),
  ];
  expect(shownOfChain(files)).toEqual([
    { path: '/cert.pem', keyType: 'ec' },
    { path: '/both.pem', keyType: 'rsa' },
  ]);
  expect(shownOfChain([file('/key.pem', ec.privateKey), file('/empty.pem')])).toEqual([]);
});

it('judges a file that is not there by its name', () => {
  const absent = (path: string): { path: string; text: undefined } => ({ path, text: undefined });
  const chain = [absent('/live/a/privkey.pem'), absent('/live/a/fullchain.pem')];
  expect(shownOfChain(chain)).toEqual([{ path: '/live/a/fullchain.pem', keyType: undefined }]);
  expect(shownOfCertificate(absent('/a.pem'))).toEqual({ path: '/a.pem', keyType: undefined });
});

it('keeps the last certificate of each kind of key', () => {
  const [one, two, other] = [
    shownOfCertificate(file('/one.pem', ec.certificate)),
    shownOfCertificate(file('/two.pem', ec.certificate, authority.pem)),
    shownOfCertificate(file('/rsa.pem', rsa.certificate)),
  ];
  expect(lastOfEachKind([one, other, two])).toEqual([two, other]);
  expect(shownOfCertificate(file('/damaged.pem', 'x')).keyType).toBeUndefined();
});
