import { randomBytes } from 'node:crypto';
import { recordType } from '@sixhub/acme-dns';
import { judgeCaa, type Applicant, type CaaSighting, type CaaVerdict } from '../domain/caa.js';
import { diagnose } from '../domain/diagnosis.js';
import type { DnsName } from '../domain/dns-name.js';
import { doubtful, notTested, ok, wrong, type Finding } from '@sixhub/base/finding';
import type { Clock } from '@sixhub/base';
import { examineSignatures, type DnssecContext } from './dnssec.js';
import type { DnsClient } from '../dns/dns-client.js';
import { takeSurvey } from '../dns/surveyor.js';
import type { CaaLookup, ChallengeServer } from '../ports.js';
import type { CertificateStore } from '../store/certificates.js';
import type { DelegationStore } from '../store/delegations.js';
import { namesOf } from './names-of.js';
import { seeStanding, type StandingContext } from './standing.js';

export interface DomainContext extends Omit<DnssecContext, 'now'>, StandingContext {
  readonly client: DnsClient;
  readonly caa: CaaLookup;
  readonly delegations: DelegationStore;
  readonly challengeServer: ChallengeServer;
  readonly certificates: Pick<CertificateStore, 'list'>;
  readonly clock: Clock;
  /** Domains that hub.toml vouches for. */
  isTrusted(domain: DnsName): boolean;
  /** By the authority's name; those whose directory could be read. */
  readonly applicants: ReadonlyMap<string, Applicant>;
}

/** All that stands between a domain and its next certificate, as a validator will meet it. */
export async function examineDomain(
  domain: DnsName,
  context: DomainContext,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  if (context.isTrusted(domain)) {
    return [notTested(`hub.toml vouches for its delegation ([resolver] trusted)`)];
  }
  const delegation = await context.delegations.find(domain);
  const survey = await takeSurvey(context.client, domain, delegation?.target, signal);
  if (typeof survey === 'string') {
    return [
      notTested(
        `nothing is known of its zone: ${survey}`,
        'Is the domain registered? If only this machine can not look it up, see [resolver] in hub.toml.',
      ),
    ];
  }
  if (!survey.zone.includes('.')) {
    return [
      wrong(
        `there is no zone for ${domain}: the top level ${survey.zone} delegates nothing of that name`,
        'Is the domain registered, and are its name servers set at the registrar?',
      ),
    ];
  }
  const names = namesOf(domain, await context.certificates.list());
  const standing = await seeStanding(domain, names, context, signal);
  const spared = standing.flatMap(({ authority, verdict }) =>
    verdict.kind === 'ready' ? [authority] : [],
  );
  const findings = [
    ...diagnose(survey, delegation?.target, spared),
    ...(await examineSignatures(survey, { ...context, now: context.clock.now() }, signal)),
  ];
  const led = findings.every(({ state }) => state !== 'wrong');
  return [
    ...findings,
    ...(delegation !== undefined && led
      ? [await examineAnswer(domain, delegation.subdomain, context, signal)]
      : []),
    ...judgeAuthorities(names, await context.caa.look(domain, signal), context.applicants),
  ];
}

/** The proof: a value that nobody can know is published for a moment, and looked up as a validator does. */
async function examineAnswer(
  domain: DnsName,
  subdomain: string,
  { client, challengeServer }: DomainContext,
  signal: AbortSignal,
): Promise<Finding> {
  const value = randomBytes(32).toString('base64url');
  const challenge = `doctor:${value}`;
  const name = `_acme-challenge.${domain}`;
  await challengeServer.publish(subdomain, value, challenge);
  try {
    const found = await client.resolve(name, recordType.TXT, signal);
    if (found.kind === 'failed') {
      return wrong(
        `the resolver did not get from ${name} to this server: ${found.reason}`,
        "See what is said above of the hub's own zone; `dig TXT` of that name shows the same.",
      );
    }
    if (found.records.some(({ data }) => data === value)) {
      return ok(`a value published a moment ago is seen at ${name} through the resolver`);
    }
    return doubtful(
      `a value published a moment ago is not seen at ${name} through the resolver`,
      'It may remember an older answer: look again in a minute. If it stays, another server answers for the zone.',
    );
  } finally {
    await challengeServer.withdraw(subdomain, challenge);
  }
}

function judgeAuthorities(
  names: readonly DnsName[],
  sighting: CaaSighting,
  applicants: ReadonlyMap<string, Applicant>,
): readonly Finding[] {
  if (sighting.kind === 'untested') {
    return [
      notTested(
        `CAA records could not be looked up: ${sighting.reason}`,
        'An authority that can not read CAA either issues nothing.',
      ),
    ];
  }
  const judged = [...applicants].map(([authority, applicant]) => ({
    authority,
    verdicts: names.map((name) => ({
      name,
      verdict: judgeCaa(sighting, name.startsWith('*.'), applicant),
    })),
  }));
  const anybody = judged.some(({ verdicts }) =>
    verdicts.every(({ verdict }) => verdict.kind !== 'forbidden'),
  );
  return judged.flatMap(({ authority, verdicts }) => {
    const faults = verdicts.flatMap(({ name, verdict }) =>
      verdict.kind === 'forbidden' ? [{ name, ...verdict }] : [],
    );
    if (faults.length === 0) {
      const why = reasons(verdicts);
      return verdicts.some(({ verdict }) => verdict.kind === 'unknown')
        ? [notTested(`whether CAA lets ${authority} issue is not known: ${why}`)]
        : [ok(`CAA lets ${authority} issue (${why})`)];
    }
    return faults.map(({ name, why, remedy }) =>
      anybody
        ? doubtful(`${authority} may not issue for ${name}: ${why}`, `${remedy}; others may.`)
        : wrong(`${authority} may not issue for ${name}: ${why}`, remedy),
    );
  });
}

function reasons(verdicts: readonly { readonly verdict: CaaVerdict }[]): string {
  const said = verdicts.map(({ verdict }) =>
    verdict.kind === 'allowed' ? verdict.by : verdict.why,
  );
  return [...new Set(said)].join('; ');
}
