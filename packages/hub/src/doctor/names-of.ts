import type { Certificate } from '../domain/certificate.js';
import { challengeDomain, wildcardOf, type DnsName } from '../domain/dns-name.js';

/** The names that certificates have of a domain; of one that none has yet, what `hub issue` would ask for. */
export function namesOf(domain: DnsName, certificates: readonly Certificate[]): readonly DnsName[] {
  const names = certificates
    .flatMap((certificate) => certificate.names)
    .filter((name) => challengeDomain(name) === domain);
  return names.length === 0 ? [domain, wildcardOf(domain)] : [...new Set(names)];
}
