import { join } from 'node:path';
import { runTool } from './run-tool.js';

export interface KeyPairFiles {
  readonly certificate: string;
  readonly privateKey: string;
}

/** A self-signed certificate for one address and some names: a server's own HTTPS in the lab, a service's first one. */
export async function makeSelfSigned(
  directory: string,
  address: string,
  ...names: readonly string[]
): Promise<KeyPairFiles> {
  const files = {
    certificate: join(directory, 'cert.pem'),
    privateKey: join(directory, 'key.pem'),
  };
  const alternatives = [`IP:${address}`, ...names.map((name) => `DNS:${name}`)];
  await runTool('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'],
    ...['-days', '30', '-subj', `/CN=${names[0] ?? address}`],
    ...['-addext', `subjectAltName=${alternatives.join(',')}`],
    ...['-keyout', files.privateKey, '-out', files.certificate],
  ]);
  return files;
}
