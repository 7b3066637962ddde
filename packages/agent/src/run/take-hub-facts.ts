import type { HubFacts } from '@sixhub/protocol';
import type { Journal } from '../ports.js';
import { hubsAfter, writeIdentity, type StoredIdentity } from '../state/identity-file.js';
import { keep } from './keep.js';

/** What the hub tells of itself becomes part of who this machine is there; written only where it is something new. */
export async function takeHubFacts(
  journal: Journal,
  state: string,
  identity: StoredIdentity,
  facts: HubFacts | undefined,
): Promise<StoredIdentity> {
  if (facts === undefined) return identity;
  const hubs = [...hubsAfter(identity.hubs, facts.addresses)];
  if (hubs.join(' ') === identity.hubs.join(' ')) return identity;
  const next = { ...identity, hubs };
  const isKept = await keep(journal, "the hub's addresses", () => writeIdentity(state, next));
  if (!isKept) return identity;
  journal(`the hub is at ${hubs.join(', ')}`);
  return next;
}
