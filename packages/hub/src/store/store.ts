import type { Clock } from '@sixhub/base';
import type { Log, Vault } from '../ports.js';
import { agentStore, type AgentStore } from './agents.js';
import { alertStore, type AlertStore } from './alerts.js';
import { apiTokenStore, type ApiTokenStore } from './api-tokens.js';
import { auditStore, type Audit } from './audit.js';
import { authorityAccountStore, type AuthorityAccountStore } from './authority-accounts.js';
import { caTrustStore, type CaTrustStore } from './ca-trust.js';
import { certificateStore, type CertificateStore } from './certificates.js';
import { openWatched } from './database.js';
import { delegationStore, type DelegationStore } from './delegations.js';
import { eventStore, type EventStore } from './events.js';
import { fleetStore, type FleetStore } from './fleet.js';
import { idempotencyStore, type IdempotencyStore } from './idempotency.js';
import { issuanceStore, type IssuanceStore } from './issuances.js';
import { holdStore, type HoldStore } from './holds.js';
import { manifestChanges, type ManifestChanges } from './manifest-changes.js';
import { pushTargetStore, type PushTargetStore } from './push-targets.js';
import { orderStore, type OrderStore } from './orders.js';
import { persistOfferStore, type PersistOfferStore } from './persist-offers.js';
import { describedHostStore, type DescribedHostStore } from './described-hosts.js';
import { presenceStore, type PresenceStore } from './presences.js';
import { overviewStore, type Overview } from './overview.js';
import { statisticsStore, type StatisticsStore } from './statistics.js';
import { renewalStore, type RenewalStore } from './renewals.js';
import { revocationStore, type RevocationStore } from './revocations.js';
import { rolloutAgents, type RolloutAgents } from './rollout-agents.js';
import { rolloutStore, type RolloutStore } from './rollouts.js';
import { sealStore, type SealStore } from './seals.js';
import { secretStore, type SecretStore } from './secrets.js';
import { termsStore, type TermsStore } from './terms.js';
import { troubleStore, type TroubleStore } from './troubles.js';
import { wantedVersions, type WantedVersions } from './wanted-versions.js';

/** All that the hub remembers, a room a noun. */
export interface Store extends AsyncDisposable {
  /** A word that is another after each change, whoever made it: what was read at the same one is still so. */
  revision(): string;
  readonly agents: AgentStore;
  readonly alerts: AlertStore;
  readonly apiTokens: ApiTokenStore;
  readonly audit: Audit;
  readonly authorityAccounts: AuthorityAccountStore;
  readonly caTrust: CaTrustStore;
  readonly certificates: CertificateStore;
  readonly delegations: DelegationStore;
  readonly events: EventStore;
  readonly fleet: FleetStore;
  readonly holds: HoldStore;
  readonly idempotency: IdempotencyStore;
  readonly issuances: IssuanceStore;
  readonly manifestChanges: ManifestChanges;
  readonly orders: OrderStore;
  readonly persistOffers: PersistOfferStore;
  readonly presences: PresenceStore;
  readonly hosts: DescribedHostStore;
  readonly overview: Overview;
  readonly pushTargets: PushTargetStore;
  readonly renewals: RenewalStore;
  readonly revocations: RevocationStore;
  readonly rolloutAgents: RolloutAgents;
  readonly rollouts: RolloutStore;
  readonly seals: SealStore;
  readonly secrets: SecretStore;
  readonly statistics: StatisticsStore;
  readonly terms: TermsStore;
  readonly troubles: TroubleStore;
  readonly wantedVersions: WantedVersions;
}

export async function openStore(
  path: string,
  vault: Vault,
  clock: Clock,
  log: Log,
): Promise<Store> {
  const { db, revision } = await openWatched(path);
  const ledger = manifestChanges(db);
  return {
    revision,
    agents: agentStore(db, ledger),
    alerts: alertStore(db),
    apiTokens: apiTokenStore(db),
    audit: auditStore(db, clock, log),
    authorityAccounts: authorityAccountStore(db, vault),
    caTrust: caTrustStore(db, ledger),
    certificates: certificateStore(db, vault, ledger),
    delegations: delegationStore(db),
    events: eventStore(db),
    fleet: fleetStore(db),
    holds: holdStore(db),
    idempotency: idempotencyStore(db),
    issuances: issuanceStore(db, vault, ledger),
    manifestChanges: ledger,
    orders: orderStore(db),
    persistOffers: persistOfferStore(db),
    presences: presenceStore(db),
    hosts: describedHostStore(db),
    overview: overviewStore(db),
    pushTargets: pushTargetStore(db),
    renewals: renewalStore(db),
    revocations: revocationStore(db),
    rolloutAgents: rolloutAgents(db, ledger),
    rollouts: rolloutStore(db, ledger),
    seals: sealStore(db),
    secrets: secretStore(db, vault),
    statistics: statisticsStore(db),
    terms: termsStore(db),
    troubles: troubleStore(db),
    wantedVersions: wantedVersions(db),
    [Symbol.asyncDispose]: () => db.destroy(),
  };
}
