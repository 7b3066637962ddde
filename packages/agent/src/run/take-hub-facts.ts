import type { Clock } from '@sixhub/base';
import type { HubFacts } from '@sixhub/protocol';
import { authoritiesIn, trustAfter } from '../hub/trust.js';
import type { Journal } from '../ports.js';
import { hubsAfter, writeIdentity, type StoredIdentity } from '../state/identity-file.js';
import { keep } from './keep.js';

export interface FactsParts {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly state: string;
}

/** What the hub tells of itself becomes part of who this machine is there; written only where it is something new. */
export async function takeHubFacts(
  { journal, clock, state }: FactsParts,
  identity: StoredIdentity,
  facts: HubFacts | undefined,
): Promise<StoredIdentity> {
  if (facts === undefined) return identity;
  const hubs = [...hubsAfter(identity.hubs, facts.addresses)];
  const ca = trustedAfter(journal, identity, facts, clock.now());
  const isMoved = hubs.join(' ') !== identity.hubs.join(' ');
  const isOtherCa = ca !== identity.ca;
  if (!isMoved && !isOtherCa) return identity;
  const next = { ...identity, hubs, ca };
  const isKept = await keep(journal, "the hub's addresses and CA", () =>
    writeIdentity(state, next),
  );
  if (!isKept) return identity;
  if (isMoved) journal(`the hub is at ${hubs.join(', ')}`);
  if (isOtherCa)
    journal(`the hub has ${caWords(authoritiesIn(ca).length)}, signed by the one before`);
  return next;
}

/** PEM, as the identity has it; the same text where nothing is another. */
function trustedAfter(
  journal: Journal,
  { ca }: StoredIdentity,
  { authorities, link }: HubFacts,
  now: Date,
): string {
  if (authorities === undefined) return ca;
  const before = authoritiesIn(ca);
  const after = trustAfter(before, { authorities, link }, now);
  for (const sha256 of after.refused) {
    journal(
      `the hub tells of a CA that none which this machine trusts has signed: it is refused (SHA-256 ${sha256})`,
    );
  }
  const same = after.authorities.join('') === before.join('');
  return same ? ca : after.authorities.join('');
}

function caWords(count: number): string {
  return count === 1 ? 'a new CA' : 'a second CA, which is to take the place of its first';
}
