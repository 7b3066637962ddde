import { errorText } from '@sixhub/base';
import type { RevocationContext, Revocations } from '../issuance/revocations.js';
import type { PendingRevocation } from '../store/revocations.js';
import { Turns } from './turns.js';

/** So many are looked at in a tick. */
const batch = 50;

/** Has the authorities revoke what is marked as compromised, again and again until each of them has. */
export class RevocationWork {
  readonly #context: RevocationContext;
  readonly #revocations: Revocations;
  readonly #turns = new Turns(
    (signal) => this.#tick(signal),
    (error) =>
      this.#context.log.error(
        { error: errorText(error) },
        'the revocations that are left could not be done',
      ),
  );

  constructor(revocations: Revocations, context: RevocationContext) {
    this.#revocations = revocations;
    this.#context = context;
  }

  tick(): Promise<void> {
    return this.#turns.take();
  }

  stop(): Promise<void> {
    return this.#turns.stop();
  }

  async #tick(signal: AbortSignal): Promise<void> {
    const { clock, store } = this.#context;
    /** One failure tells enough about its authority. */
    const failed = new Map<string, PendingRevocation>();
    for (const pending of await store.revocations.due(clock.now(), batch)) {
      if (signal.aborted) return;
      await this.#work(pending, failed);
    }
  }

  async #work(pending: PendingRevocation, failed: Map<string, PendingRevocation>): Promise<void> {
    const { clock, log, store } = this.#context;
    const version = await store.certificates.version(pending.version);
    if (version === undefined || version.notAfter <= clock.now()) {
      return store.revocations.done(pending.version);
    }
    const { authority, certificate: object, id, revoked } = version;
    if (revoked === undefined) return; // marked in a moment, or by who asks again
    const before = failed.get(authority);
    if (before !== undefined) {
      return store.revocations.save({ ...pending, retryAt: before.retryAt, fact: before.fact });
    }
    const left = await this.#revocations.attempt(version, revoked.reason);
    if (left !== undefined) {
      failed.set(authority, left);
      return;
    }
    log.info({ certificate: object, version: id }, 'its authority has revoked it now');
    const action = 'version.revoked-at-authority';
    await store.audit.append({ actor: 'hub', action, object, detail: id });
  }
}
