import { randomUUID } from 'node:crypto';
import { EventEmitter, on } from 'node:events';
import { AuthorityProblem, type KeyKind } from '@sixhub/acme';
import { errorText, type Clock } from '@sixhub/base';
import type { CertificateName } from '@sixhub/protocol';
import type { DnsName } from '../domain/dns-name.js';
import { isFinished, type Issuance, type Step } from '../domain/issuance.js';
import { planRetry } from '../domain/retry.js';
import type { Authority, ChallengeServer, DelegationLookup, Log } from '../ports.js';
import type { StoredStep } from '../store/issuances.js';
import type { Store } from '../store/store.js';
import { awaitDelegation } from './await-delegation.js';
import { issue } from './issue.js';

export interface RunnerOptions {
  readonly store: Store;
  readonly challengeServer: ChallengeServer;
  readonly lookup: DelegationLookup;
  /** In the order of hub.toml; the first is used. */
  readonly authorities: readonly Authority[];
  readonly clock: Clock;
  readonly log: Log;
}

/** What a person or the planner wants issued. */
export interface Wish {
  readonly certificate: CertificateName;
  readonly names: readonly DnsName[];
  readonly keyKind: KeyKind;
}

/**
 * Runs issuances, each in a loop of its own until a version is stored or only a person can help.
 * Nothing about an issuance is only in memory, so that stopping, or being killed, loses nothing.
 */
export class IssuanceRunner implements AsyncDisposable {
  readonly #options: RunnerOptions;
  readonly #stop = new AbortController();
  readonly #loops = new Map<string, { readonly done: Promise<void>; readonly wake: () => void }>();
  readonly #told = new EventEmitter().setMaxListeners(0);

  constructor(options: RunnerOptions) {
    this.#options = options;
  }

  /** Takes up what an earlier process left unfinished. */
  async resume(): Promise<void> {
    for (const issuance of await this.#options.store.issuances.unfinished()) {
      await this.#tell(issuance.id, { kind: 'resumed', stage: issuance.stage });
      this.#run(issuance.id);
    }
  }

  /** Starts an issuance, or joins the certificate's unfinished one and has it look again now. */
  async request(wish: Wish): Promise<{ readonly issuance: Issuance; readonly joined: boolean }> {
    const { store, clock } = this.#options;
    const running = await store.issuances.unfinishedOf(wish.certificate);
    if (running !== undefined) return { issuance: await this.#hurry(running), joined: true };
    const issuance: Issuance = {
      id: randomUUID(),
      certificate: wish.certificate,
      names: wish.names,
      keyKind: wish.keyKind,
      authority: this.#authority().name,
      stage: 'delegation',
      orderUrl: undefined,
      failures: 0,
      retryAt: undefined,
      retryOrdered: false,
      createdAt: clock.now(),
    };
    await store.issuances.create(issuance);
    this.#run(issuance.id);
    return { issuance, joined: false };
  }

  /** Has a waiting issuance try now, unless it waits because the authority said so. */
  async #hurry(issuance: Issuance): Promise<Issuance> {
    const { store, clock } = this.#options;
    const waits = issuance.retryAt !== undefined && issuance.retryAt > clock.now();
    if (waits && issuance.retryOrdered) return issuance;
    await store.issuances.update(issuance.id, { retryAt: undefined });
    this.#loops.get(issuance.id)?.wake();
    return { ...issuance, retryAt: undefined };
  }

  /** What the issuance told since step `after`, then what it tells, until it is finished or `signal` aborts. */
  async *follow(id: string, after: number, signal: AbortSignal): AsyncGenerator<StoredStep> {
    const { issuances } = this.#options.store;
    const end = AbortSignal.any([signal, this.#stop.signal]);
    const news = on(this.#told, id, { signal: end });
    let last = after;
    try {
      for (;;) {
        for (const step of await issuances.steps(id, last)) {
          last = step.seq;
          yield step;
        }
        const issuance = await issuances.find(id);
        if (issuance === undefined || isFinished(issuance.stage)) {
          yield* await issuances.steps(id, last);
          return;
        }
        await news.next();
      }
    } catch (error) {
      if (!end.aborted) throw error;
    } finally {
      await news.return?.();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error('the hub is stopping'));
    await Promise.all([...this.#loops.values()].map(({ done }) => done));
  }

  #authority(): Authority {
    const [first] = this.#options.authorities;
    if (first === undefined) throw new Error('hub.toml names no authority'); // its schema asks for one
    return first;
  }

  async #tell(id: string, step: Step): Promise<void> {
    const { store, clock, log } = this.#options;
    await store.issuances.addStep(id, clock.now(), step);
    log.info({ issuance: id, step }, step.kind);
    this.#told.emit(id);
  }

  #run(id: string): void {
    let wake = new AbortController();
    const pause = async (milliseconds: number): Promise<void> => {
      wake = new AbortController();
      const { signal } = wake;
      try {
        await this.#options.clock.sleep(milliseconds, AbortSignal.any([signal, this.#stop.signal]));
      } catch (error) {
        if (!signal.aborted || this.#stop.signal.aborted) throw error;
      }
    };
    const done = this.#loop(id, pause)
      .catch((error: unknown) => {
        if (!this.#stop.signal.aborted) {
          this.#options.log.error({ issuance: id, error: errorText(error) }, 'issuance loop ended');
        }
      })
      .finally(() => this.#loops.delete(id));
    this.#loops.set(id, { done, wake: () => wake.abort() });
  }

  async #loop(id: string, pause: (milliseconds: number) => Promise<void>): Promise<void> {
    const { store, clock } = this.#options;
    for (;;) {
      const issuance = await store.issuances.find(id);
      if (issuance === undefined || isFinished(issuance.stage)) return;
      const early = (issuance.retryAt?.getTime() ?? 0) - clock.now().getTime();
      if (early > 0) await pause(early);
      try {
        await this.#attempt(issuance, pause);
        this.#told.emit(id);
        return;
      } catch (error) {
        if (this.#stop.signal.aborted) throw error;
        await this.#failed(issuance, error);
      }
    }
  }

  async #attempt(
    issuance: Issuance,
    pause: (milliseconds: number) => Promise<void>,
  ): Promise<void> {
    const { store, challengeServer, lookup, clock } = this.#options;
    const authority =
      this.#options.authorities.find(({ name }) => name === issuance.authority) ??
      this.#authority();
    const common = {
      delegations: store.delegations,
      issuances: store.issuances,
      challengeServer,
      clock,
      signal: this.#stop.signal,
      tell: (step: Step) => this.#tell(issuance.id, step),
    };
    if (issuance.stage === 'delegation') {
      await awaitDelegation(issuance, { ...common, lookup, pause });
      await store.issuances.update(issuance.id, { stage: 'order' });
    }
    const version = await issue(issuance, { ...common, authority });
    this.#options.log.info({ issuance: issuance.id, version: version.id }, 'stored');
    await store.audit.append({
      actor: 'hub',
      action: 'version.stored',
      object: issuance.certificate,
      detail: version.id,
    });
  }

  async #failed(issuance: Issuance, error: unknown): Promise<void> {
    const { store, clock, log } = this.#options;
    const problem = error instanceof AuthorityProblem ? error : undefined;
    const kind = problem?.kind ?? 'other';
    if (problem === undefined) {
      log.error(
        { issuance: issuance.id, error: errorText(error) },
        'an issuance met an error of our own',
      );
    }
    if (kind === 'account-unknown') {
      await this.#options.authorities
        .find(({ name }) => name === issuance.authority)
        ?.forgetAccount();
    }
    const failures = issuance.failures + 1;
    const { afterMs, hint } = planRetry(kind, failures, problem?.retryAfterMs);
    const retryAt = afterMs === undefined ? undefined : new Date(clock.now().getTime() + afterMs);
    const step: Step = {
      kind: 'problem',
      problem: problem === undefined ? 'internal' : problem.kind,
      fact: problem === undefined ? errorText(error) : `${problem.authority}: ${problem.detail}`,
      hint: problem === undefined ? 'See the log of the hub: journalctl -u sixhub.' : hint,
      retryAt: retryAt?.toISOString() ?? null,
    };
    const change = {
      failures,
      retryAt,
      retryOrdered: problem?.retryAfterMs !== undefined,
      ...(retryAt === undefined ? { stage: 'failed' as const } : {}),
    };
    await store.issuances.fail(issuance.id, clock.now(), step, change);
    log.warn({ issuance: issuance.id, step }, step.kind);
    this.#told.emit(issuance.id);
  }
}
