import { formatDuration, SixhubError, type Clock } from '@sixhub/base';
import { authoritiesIn, issuerAmong, newestOf } from '../hub/trust.js';
import { makePrivateKey, makeSigningRequest } from '../hub/signing-request.js';
import type { Hub, Journal } from '../ports.js';
import {
  isRenewalDue,
  lifetimeOf,
  readIdentity,
  writeIdentity,
  type StoredIdentity,
} from '../state/identity-file.js';

/**
 * A new client certificate at half life, or from the hub's new CA at once, with a new key. Where it fails the old one lasts, and
 * the next run tries.
 */
export async function renewIdentityIfDue(
  { hub, clock, journal }: { readonly hub: Hub; readonly clock: Clock; readonly journal: Journal },
  state: string,
  current: StoredIdentity,
): Promise<void> {
  const life = lifetimeOf(current);
  const now = clock.now();
  if (life.notAfter <= now) return; // the run has said so
  const authorities = authoritiesIn(current.ca);
  const newest = newestOf(authorities);
  const isFromNewest = newest === issuerAmong(authorities, current.certificate);
  if (isFromNewest && !isRenewalDue(life, now)) return;
  try {
    const privateKey = await makePrivateKey();
    const renewed = await hub.renewIdentity(await makeSigningRequest(privateKey), newest);
    // The CA stays: an answer alone can't change whom this machine trusts (hub/trust.ts).
    if (issuerAmong(authorities, renewed.certificate) === undefined) {
      journal('identity: not renewed; what the hub sent is not from a CA that it told of');
      return;
    }
    // Enrolled anew while the hub was asked: that one stays.
    if ((await readIdentity(state))?.privateKey !== current.privateKey) return;
    await writeIdentity(state, { ...current, certificate: renewed.certificate, privateKey });
    journal(`identity: renewed, valid until ${lifetimeOf(renewed).notAfter.toISOString()}`);
  } catch (error) {
    if (!(error instanceof SixhubError)) throw error;
    const left = formatDuration(life.notAfter.getTime() - now.getTime());
    journal(
      `identity: not renewed (${error.fact}); it is valid for ${left} more, the next run tries again`,
    );
  }
}
