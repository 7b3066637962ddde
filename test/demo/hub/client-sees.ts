import { X509Certificate } from 'node:crypto';
import { runProgram, type ProgramResult } from '@sixhub/base';
import { programFile } from '../../lab/index.js';

/** What a TLS client is shown, in openssl's own words, and what it thinks of it. */
export interface Sight {
  readonly names: string;
  readonly issuer: string;
  readonly serial: string;
  /** SHA-256, as the hub writes it. */
  readonly fingerprint: string;
  /** openssl's verdict on the chain and the name: `ok`, or why not. */
  readonly verdict: string;
}

export interface Look {
  readonly endpoint: string;
  readonly serverName: string;
  /** PEM file; what is not below this root is not trusted. */
  readonly root: string;
  readonly signal: AbortSignal;
}

/** The arguments of the client, so that they can be shown too. */
export function clientArguments({ endpoint, serverName, root }: Look): readonly string[] {
  return [
    ...['s_client', '-connect', endpoint, '-servername', serverName],
    ...['-verify_hostname', serverName, '-CAfile', root, '-no-CApath', '-no-CAstore'],
  ];
}

export async function clientSees(look: Look): Promise<Sight> {
  const told = await runProgram(programFile('openssl'), clientArguments(look), {
    timeoutMs: 10_000,
    signal: look.signal,
  });
  const text = wordsOf(told);
  const pem = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(text)?.[0];
  if (pem === undefined) throw new Error(`openssl saw no certificate at ${look.endpoint}: ${text}`);
  const leaf = new X509Certificate(pem);
  return {
    names: (leaf.subjectAltName ?? 'none').replaceAll('DNS:', ''),
    issuer: leaf.issuer.replaceAll('\n', ', '),
    serial: leaf.serialNumber.toLowerCase(),
    fingerprint: leaf.fingerprint256.replaceAll(':', '').toLowerCase(),
    // The last one: it stands at the end of the handshake, and again after a session ticket.
    verdict: /Verify return code: \d+ \((.*)\)/.exec(text)?.[1] ?? 'no verdict',
  };
}

function wordsOf(result: ProgramResult): string {
  switch (result.kind) {
    case 'exited':
    case 'killed':
      return result.stdout + result.stderr;
    case 'timed-out':
      return `no end after ${result.afterMs} ms`;
    case 'not-started':
      return result.reason;
    default:
      return result satisfies never;
  }
}
