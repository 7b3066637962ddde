import { certificateName, type Bundle, type WantedCertificate } from '@sixhub/protocol';
import { expect, it } from 'vitest';
import { makeAuthority } from '../testing/authority.js';
import { checkBundle } from './bundle-check.js';

const root = await makeAuthority();
const issuer = await root.intermediate();
const leaf = await issuer.issue({ names: ['example.org', '*.example.org'] });
const other = await issuer.issue({ names: ['example.org', '*.example.org'] });
const name = certificateName.parse('example.org');
const version = '00000000-0000-4000-8000-000000000001';
const { certificate, privateKey, fingerprint, names, notAfter } = leaf;
const good = { name, version, certificate, privateKey, chain: issuer.pem };

function faultOf(
  bundle: Partial<Bundle & { privateKey: string }>,
  change: Partial<WantedCertificate> = {},
  now = new Date(),
): string {
  const wanted = {
    name,
    version,
    fingerprint,
    names: [...names],
    notAfter: notAfter.toISOString(),
    revoked: [],
    ...change,
  };
  const checked = checkBundle(wanted, { ...good, ...bundle }, now);
  return checked.kind === 'sound' ? 'sound' : checked.why;
}

it('passes a certificate with its key, its chain, its names, in its time', () => {
  expect(faultOf({})).toBe('sound');
  expect(faultOf({ chain: '' })).toBe('sound');
  expect(faultOf({ chain: issuer.pem + root.pem })).toBe('sound');
});

it.each([
  ['another key', { privateKey: other.privateKey }, 'does not belong'],
  ['no key at all', { privateKey: 'x' }, "can't be read"],
  ['another certificate', { certificate: other.certificate }, 'not the one in its list'],
  ['two certificates', { certificate: certificate + other.certificate }, 'more than one'],
  ['none', { certificate: '' }, 'no certificate'],
  [
    'half a certificate',
    { certificate: certificate.replace(/\n[^\n]+\n-----END/, '\n-----END') },
    "can't be read",
  ],
  ["another's bundle", { name: certificateName.parse('example.net') }, 'is for example.net'],
  ['another version', { version: version.replace('1', '2') }, 'is of version'],
  ['a chain that does not fit', { chain: root.pem }, 'did not issue'],
  ['a leaf as issuer', { chain: other.certificate }, 'did not issue'],
])('refuses %s', (_what, bundle, words) => {
  expect(faultOf(bundle)).toContain(words);
});

it('refuses other names, and other times', () => {
  expect(faultOf({}, { names: ['example.org'] })).toContain('also for *.example.org');
  expect(faultOf({}, { names: [...names, 'a.b'] })).toContain('lacks a.b');
  expect(faultOf({}, {}, new Date('2100-01-01'))).toContain('expired');
  expect(faultOf({}, {}, new Date('2000-01-01'))).toContain("machine's clock");
});
