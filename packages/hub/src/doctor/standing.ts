import type { DnsName } from '../domain/dns-name.js';
import { wantsWildcard, type PersistRecord, type PersistVerdict } from '../domain/persist.js';
import type { Authorities } from '../issuance/authorities.js';
import type { Persistence } from '../issuance/persistence.js';

export interface StandingContext {
  readonly authorities: Authorities;
  readonly persistence: Persistence;
}

export interface SeenStanding {
  /** By its name in hub.toml. */
  readonly authority: string;
  readonly record: PersistRecord;
  readonly verdict: PersistVerdict;
}

/**
 * A domain's standing record (dns-persist-01) at each authority that takes it, as far as that is known here: nobody is
 * registered, and no change of a key is settled, for somebody's curiosity.
 */
export async function seeStanding(
  domain: DnsName,
  names: readonly DnsName[],
  { authorities, persistence }: StandingContext,
  signal: AbortSignal,
): Promise<readonly SeenStanding[]> {
  const seen: SeenStanding[] = [];
  for (const authority of authorities.all().filter(({ dnsPersist }) => dnsPersist)) {
    const { url, deactivatedAt, changingKey } = await authority.account.describe();
    if (url === undefined || deactivatedAt !== undefined || changingKey) continue;
    const wildcard = wantsWildcard(names, domain);
    const record = await persistence.record(authority, domain, wildcard, signal);
    if (record === undefined) continue; // it has not said yet what it wants
    const verdict = await persistence.judge(authority, record, signal);
    seen.push({ authority: authority.name, record, verdict });
  }
  return seen;
}
