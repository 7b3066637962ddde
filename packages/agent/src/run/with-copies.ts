import type { CertificateName } from '@sixhub/protocol';
import type { Installed } from '../domain/version.js';
import type { Copies } from '../ports.js';

/** A version is not installed as agent.toml wants it before its copies are. */
export async function withCopies(
  copies: Copies,
  name: CertificateName,
  installed: Installed,
): Promise<Installed> {
  if (installed.kind !== 'whole' || installed.amiss !== undefined) return installed;
  const amiss = await copies.fault(name, installed.version.target);
  return amiss === undefined ? installed : { ...installed, amiss };
}
