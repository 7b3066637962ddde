import { webcrypto } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';

const algorithms = {
  ecdsa: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  rsa: {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    modulusLength: 2048,
    publicExponent: new Uint8Array([1, 0, 1]),
  },
};

/** Self-signed, in a directory as certbot has it: fullchain.pem, privkey.pem, and both joined in joined.pem. */
export interface CertificateFiles {
  readonly certificate: string;
  readonly key: string;
  readonly joined: string;
}

export async function makeCertificateFiles(
  directory: string,
  names: readonly string[],
  type: keyof typeof algorithms = 'ecdsa',
): Promise<CertificateFiles> {
  const algorithm = algorithms[type];
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const made = await x509.X509CertificateGenerator.createSelfSigned(
    {
      keys,
      name: `CN=${names[0] ?? ''}`,
      signingAlgorithm: algorithm,
      notBefore: new Date(Date.now() - 86_400_000),
      notAfter: new Date(Date.now() + 86_400_000),
      extensions: [
        new x509.SubjectAlternativeNameExtension(
          names.map((value) => ({ type: 'dns' as const, value })),
        ),
      ],
    },
    webcrypto,
  );
  const certificate = `${made.toString('pem')}\n`;
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  const key = `${x509.PemConverter.encode(pkcs8, 'PRIVATE KEY')}\n`;
  await mkdir(directory, { recursive: true });
  const write = async (name: string, content: string): Promise<string> => {
    const path = join(directory, name);
    await writeFile(path, content);
    return path;
  };
  return {
    certificate: await write('fullchain.pem', certificate),
    key: await write('privkey.pem', key),
    joined: await write('joined.pem', certificate + key),
  };
}
