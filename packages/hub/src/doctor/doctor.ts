import type { Clock } from '@sixhub/base';
import type { Applicant } from '../domain/caa.js';
import type { DnsName } from '../domain/dns-name.js';
import type { Finding } from '../domain/finding.js';
import { Gate } from '../issuance/gate.js';
import type { DelegationLookup } from '../ports.js';
import type { Store } from '../store/store.js';
import { examineAuthority } from './authority.js';
import { examineDomain, type DomainContext } from './domain.js';
import { examineMachine } from './machine.js';
import { examineZone, type ZoneContext } from './zone.js';

export interface DoctorContext
  extends Omit<ZoneContext, 'directories'>, Omit<DomainContext, 'applicants' | 'delegations'> {
  readonly lookup: DelegationLookup;
  readonly store: Store;
  readonly clock: Clock;
}

/** What was found about one thing. */
export interface Examined {
  readonly about: 'machine' | 'zone' | 'authority' | 'domain';
  readonly subject: string;
  readonly findings: readonly Finding[];
}

/** So many domains are looked at together. */
const atOnce = 8;

/** Looks from this machine outwards, in the order in which one thing needs the other; each is told when it is known. */
export async function* examine(
  domains: readonly DnsName[],
  context: DoctorContext,
  signal: AbortSignal,
): AsyncGenerator<Examined> {
  const { authorities, store, clock, zone, route } = context;
  yield { about: 'machine', subject: 'this machine', findings: await examineMachine(route) };
  const directories = authorities.all().map(({ directory }) => directory);
  const zoneFindings = await examineZone({ ...context, directories });
  yield { about: 'zone', subject: zone.domain, findings: zoneFindings };
  const applicants = new Map<string, Applicant>();
  for (const authority of authorities.all()) {
    const { findings, applicant } = await examineAuthority(authority, store, clock, signal);
    if (applicant !== undefined) applicants.set(authority.name, applicant);
    yield { about: 'authority', subject: authority.name, findings };
  }
  const gate = new Gate(atOnce);
  const { delegations } = store;
  const running = domains.map((domain) => ({
    domain,
    findings: gate.pass(() =>
      examineDomain(domain, { ...context, applicants, delegations }, signal),
    ),
  }));
  // Who stops listening leaves some of them running; what becomes of those is told to nobody.
  for (const { findings } of running) findings.catch(() => undefined);
  for (const { domain, findings } of running) {
    yield { about: 'domain', subject: domain, findings: await findings };
  }
}
