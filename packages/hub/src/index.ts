/** The hub's parts, for who wires them otherwise than `hub serve` does: with a time of its own, for instance. */
export { parseDnsName } from './domain/dns-name.js';
export { planRenewals } from './domain/planner.js';
export { planVersion } from './domain/renewal.js';
export type { AuthorityRules } from './domain/limits.js';
export { Authorities } from './issuance/authorities.js';
export { createAuthority } from './issuance/authority.js';
export { Persistence } from './issuance/persistence.js';
export { Revocations } from './issuance/revocations.js';
export { IssuanceRunner } from './issuance/runner.js';
export type { AuthorityAccount, ChallengeServer, DelegationLookup, Log } from './ports.js';
export { DelegationWatch } from './renewal/delegation-watch.js';
export { RevocationWork } from './renewal/revocation-work.js';
export { RenewalScheduler } from './renewal/scheduler.js';
export { openStore, type Store } from './store/store.js';
export { createVault } from './vault/vault.js';
