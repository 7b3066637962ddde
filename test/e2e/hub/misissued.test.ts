import { appendFile } from 'node:fs/promises';
import { certificateName } from '@sixhub/protocol';
import { expect, test } from 'vitest';
import type { Misissue } from '../../authority/issuer.js';
import { day, hour, openSimulator } from '../renewal/simulator.js';

const said: readonly (readonly [Misissue, string])[] = [
  ['other-key', 'the certificate is for another key than the one it was asked for'],
  ['extra-name', 'the certificate has a name that nobody asked for: mail.example'],
  ['missing-name', 'the certificate does not have the name a.example'],
  ['expired', "is this machine's clock right?"],
  ['not-yet-valid', 'the certificate is valid only from'],
  ['broken-chain', 'is not signed by what comes after it'],
  ['no-chain', 'the certificate comes without its chain'],
  ['damaged', 'a certificate of the download is damaged'],
];

test.each(said)(
  'an authority that returns a certificate that is wrong (%s): refused, told, nothing replaced',
  async (wrong, words) => {
    await using hub = await openSimulator({
      authorities: [{ name: 'first' }],
      certificates: ['a.example'],
    });
    const [authority] = hub.authorities;
    const name = certificateName.parse('a.example');
    const before = await hub.store.certificates.newest(name);
    if (authority !== undefined) authority.conduct.misissue = wrong;
    await hub.issue('a.example');
    expect(hub.warnings.join('\n')).toContain(words);
    expect(hub.warnings.join('\n')).toContain('wrong-certificate');
    expect(await hub.store.certificates.newest(name)).toEqual(before);

    if (authority !== undefined) authority.conduct.misissue = undefined;
    await hub.pass(2 * day, hour);
    expect(await hub.versions('a.example'), 'with a new order').toHaveLength(2);
  },
);

test('a certificate without a chain is taken where a root of `trust` has signed it', async () => {
  await using hub = await openSimulator({
    authorities: [{ name: 'first' }],
    certificates: ['a.example'],
  });
  const [authority] = hub.authorities;
  const name = certificateName.parse('a.example');
  const before = await hub.store.certificates.newest(name);
  if (authority === undefined || before === undefined) throw new Error('a certificate');
  authority.conduct.misissue = 'no-chain';
  await hub.issue('a.example');
  expect(hub.warnings.join('\n')).toContain('no root in the file of `trust` has signed it');
  expect(await hub.store.certificates.newest(name)).toEqual(before);

  await appendFile(authority.httpsCertificate, before.chain);
  await hub.pass(hour, hour / 4);
  const after = await hub.store.certificates.newest(name);
  expect(after?.id).not.toBe(before.id);
  expect(after?.chain).toBe('');
});
