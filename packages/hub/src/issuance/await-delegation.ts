import type { Clock } from '@sixhub/base';
import { judgeDelegation } from '../domain/delegation.js';
import { challengeDomain, type DnsName } from '../domain/dns-name.js';
import type { Issuance, Step, WantedRecord } from '../domain/issuance.js';
import type { ChallengeServer, DelegationLookup } from '../ports.js';
import type { Delegation, DelegationStore } from '../store/delegations.js';

export interface DelegationContext {
  readonly delegations: DelegationStore;
  readonly challengeServer: ChallengeServer;
  readonly lookup: DelegationLookup;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Those that need no CNAME at the authority that is next. */
  covered(domains: readonly DnsName[]): Promise<ReadonlySet<DnsName>>;
  /** Resolves early where somebody asks to look now. */
  pause(milliseconds: number): Promise<void>;
  tell(step: Step): Promise<void>;
}

/** Looks again after this long; the longer it waits, the more rarely. */
function pauseMs(waitedMs: number): number {
  if (waitedMs < 60_000) return 1_000;
  return waitedMs < 600_000 ? 10_000 : 60_000;
}

/** Returns when every domain of the issuance has its CNAME; tells what is wanted whenever that changes. */
export async function awaitDelegation(
  issuance: Issuance,
  context: DelegationContext,
): Promise<void> {
  const domains = [...new Set(issuance.names.map(challengeDomain))];
  const started = context.clock.now().getTime();
  let covered: ReadonlySet<DnsName> = new Set();
  for (let told = ''; ;) {
    covered = await context.covered(domains);
    const wanted = await wantedRecords(
      domains.filter((domain) => !covered.has(domain)),
      context,
    );
    if (wanted.length === 0) break;
    const seen = JSON.stringify(wanted);
    if (seen !== told) await context.tell({ kind: 'delegation-wanted', records: wanted });
    told = seen;
    await context.pause(pauseMs(context.clock.now().getTime() - started));
  }
  const delegated = domains.filter((domain) => !covered.has(domain));
  if (delegated.length > 0) await context.tell({ kind: 'delegated', domains: delegated });
}

async function wantedRecords(
  domains: readonly DnsName[],
  { delegations, challengeServer, lookup, clock, signal }: DelegationContext,
): Promise<readonly WantedRecord[]> {
  const verdicts = await Promise.all(
    domains.map(async (domain) => {
      const { target } = await delegationOf(domain, { delegations, challengeServer, clock });
      return judgeDelegation(domain, target, await lookup.look(domain, target, signal));
    }),
  );
  signal.throwIfAborted();
  return verdicts.flatMap((verdict) => (verdict.kind === 'ready' ? [] : [verdict.record]));
}

/** The domain's own, made where there is none: its account is durable before anybody is told its name. */
export async function delegationOf(
  domain: DnsName,
  {
    delegations,
    challengeServer,
    clock,
  }: Pick<DelegationContext, 'delegations' | 'challengeServer' | 'clock'>,
): Promise<Delegation> {
  const known = await delegations.find(domain);
  if (known !== undefined) return known;
  const { subdomain, fulldomain: target } = await challengeServer.createAccount({ note: domain });
  return delegations.create({ domain, subdomain, target }, clock.now());
}
