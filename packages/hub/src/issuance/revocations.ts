import { AuthorityProblem, type ProblemKind, type RevocationReason } from '@sixhub/acme';
import { errorText, type Clock } from '@sixhub/base';
import type { Version } from '../domain/certificate.js';
import { longestPauseMs } from '../domain/renewal.js';
import { planRetry } from '../domain/retry.js';
import { Refusal } from '../domain/refusal.js';
import type { Authority, Log } from '../ports.js';
import { publicKeyOfCertificate } from '../store/public-key.js';
import type { PendingRevocation } from '../store/revocations.js';
import type { Store } from '../store/store.js';
import type { Authorities } from './authorities.js';

export interface RevocationContext {
  readonly store: Store;
  readonly authorities: Authorities;
  readonly clock: Clock;
  readonly log: Log;
}

/** The account does not know the certificate, or is not known itself: whoever has the key may ask all the same. */
const notThisAccount: ReadonlySet<ProblemKind> = new Set([
  'unauthorized',
  'account-unknown',
  'account-deactivated',
  'user-action-required',
  'malformed',
]);

/** A person may wait for the answer. */
const longestMs = 60_000;

/**
 * RFC 8555 §7.6. A key that is known to others is out of use at once, whatever its authority does: its versions are
 * marked first, and being revoked at the authority is work that is kept until it is done.
 */
export class Revocations {
  readonly #context: RevocationContext;

  constructor(context: RevocationContext) {
    this.#context = context;
  }

  /** The one asked for first; a key that is compromised is so in every version that has it, of whatever certificate. */
  async sameFate(version: Version, reason: RevocationReason): Promise<readonly Version[]> {
    if (reason !== 'keyCompromise') return [version];
    const { clock, store } = this.#context;
    const now = clock.now();
    const sharing = await store.certificates.withKey(publicKeyOfCertificate(version.leaf));
    const others = sharing.filter(
      ({ id, notAfter, revoked }) => id !== version.id && notAfter > now && revoked === undefined,
    );
    return [version, ...others];
  }

  /** At the authority first: where it does not agree, nothing has changed. */
  async revokeNow(version: Version, reason: RevocationReason): Promise<void> {
    const { authorities, clock, store } = this.#context;
    await authorities.ask(this.#authorityOf(version), () => this.#revokeAt(version, reason));
    await store.certificates.revoke(version, { at: clock.now(), reason });
  }

  /** Marks them, so that they are given to nobody and are replaced; `attempt` is what is left to do. */
  async begin(versions: readonly Version[], reason: RevocationReason): Promise<void> {
    const { clock, store } = this.#context;
    const at = clock.now();
    for (const version of versions) {
      // In this order: killed in between, nothing is marked that is not done.
      await store.revocations.save({ version: version.id, retryAt: at, failures: 0, fact: '' });
      await store.certificates.revoke(version, { at, reason });
    }
  }

  /** At the authority; undefined when it has agreed. */
  async attempt(
    version: Version,
    reason: RevocationReason,
  ): Promise<PendingRevocation | undefined> {
    const { log, store } = this.#context;
    const { id, certificate } = version;
    try {
      await this.#revokeAt(version, reason);
      await store.revocations.done(id);
      return undefined;
    } catch (error) {
      const failures = ((await store.revocations.find(id))?.failures ?? 0) + 1;
      const retryAt = await this.#retryAt(version, error, failures);
      const pending = { version: id, retryAt, failures, fact: errorText(error) };
      await store.revocations.save(pending);
      log.warn({ certificate, ...pending }, 'not revoked at its authority yet; tried again');
      return pending;
    }
  }

  /** Not while the authority wants to be left alone, whatever it was that it refused; a first attempt alone does not wait. */
  async #retryAt(version: Version, error: unknown, failures: number): Promise<Date> {
    const { authorities, clock } = this.#context;
    const isProblem = error instanceof AuthorityProblem;
    const longest = longestPauseMs(version);
    const kind = isProblem ? error.kind : 'internal';
    const after = isProblem ? error.retryAfterMs : undefined;
    const { afterMs = longest } = planRetry(kind, failures, after, longest);
    const planned = new Date(clock.now().getTime() + afterMs);
    const authority = authorities.named(version.authority);
    if (authority === undefined) return planned;
    if (isProblem) await authorities.toldToWait(authority, error);
    const held = await authorities.questionsHeldUntil(authority);
    return held !== undefined && held > planned ? held : planned;
  }

  /** By the account that ordered it, or else by the certificate's own key; that it is revoked already will do. */
  async #revokeAt(version: Version, reason: RevocationReason): Promise<void> {
    const authority = this.#authorityOf(version);
    try {
      using session = await authority.open(AbortSignal.timeout(longestMs));
      await session.revoke(version.leaf, reason);
    } catch (error) {
      if (!(error instanceof AuthorityProblem)) throw error;
      if (error.kind === 'already-revoked') return;
      // Where an agent has the key, there is none here to ask with.
      if (!notThisAccount.has(error.kind) || version.keyOn !== undefined) throw error;
      await this.#revokeByKey(authority, version, reason);
    }
  }

  async #revokeByKey(
    authority: Authority,
    version: Version,
    reason: RevocationReason,
  ): Promise<void> {
    const key = await this.#context.store.certificates.privateKey(version.id);
    if (key === undefined) throw new Error(`version ${version.id} has no private key`);
    try {
      using session = await authority.openWithoutAccount(AbortSignal.timeout(longestMs));
      await session.revokeByKey(version.leaf, key, reason);
    } catch (error) {
      if (!(error instanceof AuthorityProblem && error.kind === 'already-revoked')) throw error;
    }
  }

  #authorityOf({ certificate, authority: name }: Version): Authority {
    const authority = this.#context.authorities.named(name);
    if (authority !== undefined) return authority;
    throw new Refusal(
      'conflict',
      'no-authority',
      `${name}, which issued a version of ${certificate} that is to be revoked, is not in hub.toml any more`,
      'Name it there again, as it was, and restart the hub.',
    );
  }
}
