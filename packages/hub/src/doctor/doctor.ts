import { errorText } from '@sixhub/base';
import type { Applicant } from '../domain/caa.js';
import type { DnsName } from '../domain/dns-name.js';
import { notTested, type Finding } from '@sixhub/base/finding';
import { Gate } from '../issuance/gate.js';
import type { DelegationLookup } from '../ports.js';
import { examineAuthority, type AuthorityContext } from './authority.js';
import { examineDomain, type DomainContext } from './domain.js';
import { examineMachine } from './machine.js';
import { examineZone, type ZoneContext } from './zone.js';

export interface DoctorContext
  extends
    AuthorityContext,
    Omit<ZoneContext, 'directories'>,
    Omit<DomainContext, 'applicants' | 'delegations' | 'certificates'> {
  readonly lookup: DelegationLookup;
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
  const { authorities, store, zone, route } = context;
  const machine = await findings(() => examineMachine(route), signal);
  yield { about: 'machine', subject: 'this machine', findings: machine };
  const directories = authorities.all().map(({ directory }) => directory);
  const zoneFindings = await findings(() => examineZone({ ...context, directories }), signal);
  yield { about: 'zone', subject: zone.domain, findings: zoneFindings };
  const applicants = new Map<string, Applicant>();
  for (const authority of authorities.all()) {
    const seen = await findings(async () => {
      const examined = await examineAuthority(authority, context, signal);
      if (examined.applicant !== undefined) applicants.set(authority.name, examined.applicant);
      return examined.findings;
    }, signal);
    yield { about: 'authority', subject: authority.name, findings: seen };
  }
  const gate = new Gate(atOnce);
  const { delegations, certificates } = store;
  const running = domains.map((domain) => ({
    domain,
    seen: gate.pass(() =>
      findings(
        () => examineDomain(domain, { ...context, applicants, delegations, certificates }, signal),
        signal,
      ),
    ),
  }));
  // Who stops listening leaves some of them running; what becomes of those is told to nobody.
  for (const { seen } of running) seen.catch(() => undefined);
  for (const { domain, seen } of running) {
    yield { about: 'domain', subject: domain, findings: await seen };
  }
}

/** What could not be examined is a finding as well, and no reason to leave the rest out. */
async function findings(
  look: () => Promise<readonly Finding[]>,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  try {
    return await look();
  } catch (error) {
    signal.throwIfAborted();
    return [
      notTested(
        `it could not be examined to its end: ${errorText(error)}`,
        'If the words say nothing to you, see the log of the hub: journalctl -u sixhub.',
      ),
    ];
  }
}
