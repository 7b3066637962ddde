import type { Clock } from '@sixhub/base';
import { judgeDelegation } from '../domain/delegation.js';
import { challengeDomain, type DnsName } from '../domain/dns-name.js';
import type { Issuance, Step, WantedRecord } from '../domain/issuance.js';
import { isWorthAsking } from '../domain/watch.js';
import type { ChallengeServer, DelegationLookup } from '../ports.js';
import type { DelegationStore, WatchedDelegation } from '../store/delegations.js';

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

interface Missing {
  readonly record: WantedRecord;
  readonly isWorthAsking: boolean;
}

/**
 * Returns when every domain of the issuance has its CNAME, or the authority may be asked all the same; tells what is
 * wanted whenever that changes.
 */
export async function awaitDelegation(
  issuance: Issuance,
  context: DelegationContext,
): Promise<void> {
  const { clock, covered, pause, tell } = context;
  const domains = [...new Set(issuance.names.map(challengeDomain))];
  const started = clock.now().getTime();
  for (let told = ''; ;) {
    const spared = await covered(domains);
    const needed = domains.filter((domain) => !spared.has(domain));
    const missing = await missingOf(needed, issuance, context);
    const wanted = missing.map(({ record }) => record);
    if (missing.every((one) => one.isWorthAsking)) {
      if (wanted.length > 0) await tell({ kind: 'delegation-unseen', records: wanted });
      const seen = needed.filter((domain) => !wanted.some((one) => one.domain === domain));
      if (seen.length > 0) await tell({ kind: 'delegated', domains: seen });
      return;
    }
    const now = JSON.stringify(wanted);
    if (now !== told) await tell({ kind: 'delegation-wanted', records: wanted });
    told = now;
    await pause(pauseMs(clock.now().getTime() - started));
  }
}

async function missingOf(
  domains: readonly DnsName[],
  { createdAt }: Issuance,
  { delegations, challengeServer, lookup, clock, signal }: DelegationContext,
): Promise<readonly Missing[]> {
  const waitedMs = clock.now().getTime() - createdAt.getTime();
  const missing = await Promise.all(
    domains.map(async (domain) => {
      const { target, watch } = await delegationOf(domain, {
        ...{ delegations, challengeServer, clock },
      });
      const verdict = judgeDelegation(domain, target, await lookup.look(domain, target, signal));
      if (verdict.kind === 'ready') return [];
      return [{ record: verdict.record, isWorthAsking: isWorthAsking(watch, verdict, waitedMs) }];
    }),
  );
  signal.throwIfAborted();
  return missing.flat();
}

/** The domain's own, made where there is none: its account is durable before anybody is told its name. */
export async function delegationOf(
  domain: DnsName,
  {
    delegations,
    challengeServer,
    clock,
  }: Pick<DelegationContext, 'delegations' | 'challengeServer' | 'clock'>,
): Promise<WatchedDelegation> {
  const known = await delegations.find(domain);
  if (known !== undefined) return known;
  const { subdomain, fulldomain: target } = await challengeServer.createAccount({ note: domain });
  return delegations.create({ domain, subdomain, target }, clock.now());
}
