import { AuthorityProblem, type AuthoritySession } from '@sixhub/acme';
import { judgeCaa, type Applicant, type CaaVerdict } from '../domain/caa.js';
import { challengeDomain, type DnsName } from '../domain/dns-name.js';
import type { Authority, CaaLookup } from '../ports.js';

/** How CAA records may know this authority and our account there. */
export async function applicantAt(
  authority: Authority,
  session: AuthoritySession,
): Promise<Applicant> {
  const { meta } = await session.directory();
  const { url } = await authority.account.describe();
  const methods = ['dns-01', ...(authority.dnsPersist ? ['dns-persist-01'] : [])];
  return { identities: meta.caaIdentities, methods, accountUrl: url };
}

/** What CAA says of each name; names that share a domain share its look-up. */
async function judgeNames(
  names: readonly DnsName[],
  applicant: Applicant,
  caa: CaaLookup,
  signal: AbortSignal,
): Promise<readonly { readonly name: DnsName; readonly verdict: CaaVerdict }[]> {
  const domains = [...new Set(names.map(challengeDomain))];
  const sightings = new Map(
    await Promise.all(
      domains.map(async (domain) => [domain, await caa.look(domain, signal)] as const),
    ),
  );
  return names.flatMap((name) => {
    const sighting = sightings.get(challengeDomain(name));
    if (sighting === undefined) return [];
    return [{ name, verdict: judgeCaa(sighting, name.startsWith('*.'), applicant) }];
  });
}

/**
 * RFC 8659: what a CAA record forbids is said before the authority is bothered, and the next one is tried. Where the
 * records can't be looked up from here the authority decides.
 */
export async function refuseForbidden(
  names: readonly DnsName[],
  authority: Authority,
  session: AuthoritySession,
  caa: CaaLookup,
  signal: AbortSignal,
): Promise<void> {
  const judged = await judgeNames(names, await applicantAt(authority, session), caa, signal);
  const subProblems = judged.flatMap(({ name, verdict }) =>
    verdict.kind === 'forbidden'
      ? [{ name, kind: 'caa' as const, detail: `${verdict.why}. ${verdict.remedy}` }]
      : [],
  );
  if (subProblems.length === 0) return;
  throw new AuthorityProblem({
    kind: 'caa',
    authority: new URL(authority.directory).host,
    detail: `${authority.name} was not asked: ${subProblems.map((one) => `${one.name}: ${one.detail}`).join('; ')}`,
    subProblems,
  });
}
