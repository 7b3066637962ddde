import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { runProgram } from '@sixhub/base';
import { type Protocol, formatEndpoint } from '@sixhub/wire';
import type { Reading, Use } from '../domain/use.js';

/** OpenSSL's own client, which speaks every STARTTLS dialogue and knows nothing of our code. */
const dialogues: Readonly<Record<Protocol, readonly string[]>> = {
  tls: [],
  smtps: [],
  imaps: [],
  pop3s: [],
  smtp: ['-starttls', 'smtp'],
  lmtp: ['-starttls', 'lmtp'],
  imap: ['-starttls', 'imap'],
  pop3: ['-starttls', 'pop3'],
  sieve: ['-starttls', 'sieve'],
};

const signatures: Readonly<Record<string, string>> = {
  ec: 'ECDSA+SHA256',
  rsa: 'RSA-PSS+SHA256:RSA+SHA256',
};

/** The certificate that a client is shown, by its fingerprint; undefined where it is shown none. */
export async function shownCertificate(
  { endpoint, servername }: Pick<Use, 'endpoint' | 'servername'>,
  keyType?: string,
): Promise<string | undefined> {
  const { host, port, protocol } = endpoint;
  const result = await runProgram(
    'openssl',
    [
      ...['s_client', '-connect', host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`],
      ...dialogues[protocol],
      ...(servername === undefined ? ['-noservername'] : ['-servername', servername]),
      ...(keyType === undefined ? [] : ['-sigalgs', signatures[keyType] ?? '']),
    ],
    { timeoutMs: 15_000 },
  );
  const pem =
    result.kind === 'exited'
      ? /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/.exec(result.stdout)?.[0]
      : undefined;
  return pem === undefined ? undefined : new X509Certificate(pem).fingerprint256;
}

/** Throws where nothing could be read. */
export function usesIn(reading: Reading): readonly Use[] {
  if (reading.kind === 'read') return reading.uses;
  throw new Error(`unread: ${reading.why}`);
}

/** Those of a reading's uses for which a client is shown something else, each in words; an honest reading has none. */
export async function contradicted(uses: readonly Use[]): Promise<readonly string[]> {
  const words = await Promise.all(
    uses.map(async (use) => {
      const file = await readFile(use.certificate, 'utf8');
      const pem = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/.exec(file)?.[0];
      const said = new X509Certificate(pem ?? '');
      const shown = await shownCertificate(use, said.publicKey.asymmetricKeyType);
      return shown === said.fingerprint256
        ? []
        : [
            `${formatEndpoint(use.endpoint)} (${use.servername ?? 'no name'}) does not show ${use.certificate}`,
          ];
    }),
  );
  return words.flat();
}
