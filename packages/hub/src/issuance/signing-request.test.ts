import { generateKeyPairSync } from 'node:crypto';
import { createCsr, createKey } from '@sixhub/acme';
import * as x509 from '@peculiar/x509';
import { expect, test } from 'vitest';
import { publicKeyOfPrivateKey } from '../store/public-key.js';
import { publicKeyOfRequest, readSigningRequest } from './signing-request.js';

const names = ['example.org', '*.example.org'];
const ec = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

async function whyNot(
  pem: string,
  keyKind: Parameters<typeof readSigningRequest>[1]['keyKind'] = 'p256',
) {
  const read = await readSigningRequest(pem, { names, keyKind });
  return read.kind === 'sound' ? 'sound' : read.why;
}

/** A request with more in it than hub-agent writes. */
async function requestWith(
  more: Pick<x509.Pkcs10CertificateRequestCreateParams, 'name' | 'extensions' | 'attributes'>,
): Promise<string> {
  const keys = await crypto.subtle.generateKey(ec, true, ['sign', 'verify']);
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    ...{ keys, signingAlgorithm: ec, ...more },
    extensions: [
      new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: 'dns', value }))),
      ...(more.extensions ?? []),
    ],
  });
  return request.toString('pem');
}

test.each(['p256', 'p384', 'rsa2048', 'rsa3072'] as const)(
  'a sound one of kind %s',
  async (kind) => {
    const key = await createKey(kind);
    const csr = await createCsr(names, key);
    const read = await readSigningRequest(`\n${csr.replaceAll('\n', '\r\n')}\n`, {
      ...{ names: names.toReversed(), keyKind: kind },
    });
    const publicKey = publicKeyOfPrivateKey(key);
    expect(read).toMatchObject({ kind: 'sound', publicKey });
    if (read.kind !== 'sound') return;
    expect(publicKeyOfRequest(read.pem)).toBe(publicKey);
    expect(await whyNot(read.pem, kind), 'what is passed on is read as what came').toBe('sound');
  },
);

test('names: all that are wanted, and no other, of whatever type', async () => {
  const key = await createKey('p256');
  expect(await whyNot(await createCsr(['example.org'], key))).toBe(
    'it does not ask for *.example.org',
  );
  expect(await whyNot(await createCsr([], key))).toContain('does not ask for example.org');
  expect(await whyNot(await createCsr([...names, 'evil.example'], key))).toBe(
    'it asks for a name that is not wanted: evil.example',
  );
  const [, ...others] = await Promise.all([
    requestWith({}),
    requestWith({ name: 'CN=evil.example' }),
    requestWith({ name: 'O=Evil' }),
    requestWith({
      extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'ip', value: '192.0.2.1' }])],
    }),
  ]);
  expect(await Promise.all(others.map((one) => whyNot(one)))).toEqual([
    'its subject has CN=evil.example',
    'its subject has O=Evil',
    'it asks for names more than once',
  ]);
  expect(await whyNot(await requestWith({ name: 'CN=example.org' }))).toBe('sound');
});

test('nothing but names: no extension that the authority could take over', async () => {
  const mustStaple = new x509.Extension(
    '1.3.6.1.5.5.7.1.24',
    false,
    Buffer.from('3003020105', 'hex'),
  );
  expect(await whyNot(await requestWith({ extensions: [mustStaple] }))).toContain(
    '1.3.6.1.5.5.7.1.24',
  );
  expect(
    await whyNot(await requestWith({ extensions: [new x509.BasicConstraintsExtension(true)] })),
  ).toContain('2.5.29.19');
  const password = new x509.ChallengePasswordAttribute('secret');
  expect(await whyNot(await requestWith({ attributes: [password] }))).toContain(
    '1.2.840.113549.1.9.7',
  );
});

test('the kind of key that is wanted, and none that is weak', async () => {
  const of = async (pair: {
    privateKey: { export(o: object): string | Buffer };
  }): Promise<string> =>
    createCsr(names, pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  const weak = await of(generateKeyPairSync('rsa', { modulusLength: 1024 }));
  expect(await whyNot(weak)).toBe('its key is rsa, 1024 bits, and p256 is wanted');
  expect(await whyNot(weak, 'rsa2048')).toBe('its key is rsa, 1024 bits, and rsa2048 is wanted');
  expect(await whyNot(await createCsr(names, await createKey('p384')))).toBe(
    'its key is ec, secp384r1, and p256 is wanted',
  );
  const three = await of(generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: 3 }));
  expect(await whyNot(three, 'rsa2048')).toContain('exponent 3');
  const curve = await of(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }));
  expect(await whyNot(curve)).toBe('its key is ec, secp256k1, and p256 is wanted');
});

test('whoever asks has proven to have the key; what is cut or none is said to be so', async () => {
  const csr = await createCsr(names, await createKey('p256'));
  const other = await createCsr(names, await createKey('p256'));
  const der = (pem: string): Buffer =>
    Buffer.from(pem.replaceAll(/-----[A-Z ]+-----|\s/g, ''), 'base64');
  const asPem = (bytes: Uint8Array): string =>
    x509.PemConverter.encode(bytes, 'CERTIFICATE REQUEST');
  const stolen = der(csr);
  // The last octets are the signature's.
  der(other).copy(stolen, stolen.length - 20, der(other).length - 20);
  expect(await whyNot(asPem(stolen))).toMatch(/signature|could not be read/);
  const changed = Buffer.from(
    der(csr).toString('latin1').replace('example.org', 'examp1e.org'),
    'latin1',
  );
  expect(await whyNot(asPem(changed))).toContain('signature');
  expect(await whyNot(asPem(der(csr).subarray(0, 80)))).toBe('it is not PKCS#10 in PEM');
  for (const none of [
    '',
    'hello',
    der(csr).toString('base64'),
    csr + csr,
    csr.replaceAll('CERTIFICATE REQUEST', 'CERTIFICATE'),
  ])
    expect(await whyNot(none)).toBe('it is not PKCS#10 in PEM');
});

test('every cut and every flipped bit of a request is refused, and none is an error', async () => {
  const csr = await createCsr(names, await createKey('p256'));
  const der = Buffer.from(csr.replaceAll(/-----[A-Z ]+-----|\s/g, ''), 'base64');
  for (let at = 0; at < der.length; at++) {
    const flipped = Buffer.from(der);
    flipped[at] = (flipped[at] ?? 0) ^ 0x10;
    for (const bytes of [flipped, der.subarray(0, at)]) {
      const pem = x509.PemConverter.encode(bytes, 'CERTIFICATE REQUEST');
      expect(await whyNot(pem), `octet ${at}`).not.toBe('sound');
    }
  }
});
