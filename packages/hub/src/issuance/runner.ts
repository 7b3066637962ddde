import { randomUUID } from 'node:crypto';
import { EventEmitter, on } from 'node:events';
import type { KeyKind } from '@sixhub/acme';
import { errorText } from '@sixhub/base';
import type { CertificateName } from '@sixhub/protocol';
import type { DnsName } from '../domain/dns-name.js';
import { isFinished, type Issuance, type Step } from '../domain/issuance.js';
import type { StoredStep } from '../store/issuances.js';
import { Attempts, type IssuanceContext } from './attempts.js';
import { Gate } from './gate.js';

/** What a person or the planner wants issued. */
export interface Wish {
  readonly certificate: CertificateName;
  readonly names: readonly DnsName[];
  readonly keyKind: KeyKind;
}

/** More orders at once than this make none of them faster. */
const atOnce = 16;

/**
 * Runs issuances, each in a loop of its own until a version is stored or only a person can help.
 * Nothing about an issuance is only in memory, so that stopping, or being killed, loses nothing.
 */
export class IssuanceRunner implements AsyncDisposable {
  readonly #options: IssuanceContext;
  readonly #stop = new AbortController();
  readonly #loops = new Map<string, { readonly done: Promise<void>; readonly wake: () => void }>();
  readonly #gate = new Gate(atOnce);
  readonly #told = new EventEmitter().setMaxListeners(0);

  readonly #attempts: Attempts;

  constructor(options: IssuanceContext) {
    this.#options = options;
    this.#attempts = new Attempts(
      options,
      this.#stop.signal,
      (id, step) => this.#tell(id, step),
      (id) => this.#told.emit(id),
    );
  }

  /** Takes up what an earlier process left unfinished. */
  async resume(): Promise<void> {
    for (const issuance of await this.#options.store.issuances.unfinished()) {
      await this.#tell(issuance.id, { kind: 'resumed', stage: issuance.stage });
      this.#run(issuance.id);
    }
  }

  /** How many issuances are unfinished here, those that wait included. */
  get running(): number {
    return this.#loops.size;
  }

  /** For a person: starts an issuance, or joins the certificate's unfinished one and has it look again now. */
  async request(wish: Wish): Promise<{ readonly issuance: Issuance; readonly joined: boolean }> {
    const { store, authorities } = this.#options;
    await authorities.hurry(wish.certificate);
    const running = await store.issuances.unfinishedOf(wish.certificate);
    if (running !== undefined) return { issuance: await this.#hurry(running), joined: true };
    return { issuance: await this.#start(wish), joined: false };
  }

  /** For the planner: starts an issuance unless one is unfinished, and hurries none. */
  async renew(wish: Wish): Promise<void> {
    const running = await this.#options.store.issuances.unfinishedOf(wish.certificate);
    if (running === undefined) await this.#start(wish);
  }

  async #start(wish: Wish): Promise<Issuance> {
    const { store, clock, authorities } = this.#options;
    const issuance: Issuance = {
      id: randomUUID(),
      certificate: wish.certificate,
      names: wish.names,
      keyKind: wish.keyKind,
      authority: authorities.first().name,
      stage: 'delegation',
      orderUrl: undefined,
      failures: 0,
      retryAt: undefined,
      retryOrdered: false,
      createdAt: clock.now(),
    };
    await store.issuances.create(issuance);
    this.#run(issuance.id);
    return issuance;
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
      if (issuance.stage === 'delegation') {
        await this.#attempts.delegation(issuance, pause);
        continue;
      }
      if (await this.#gate.pass(() => this.#attempts.order(issuance))) {
        this.#told.emit(id);
        return;
      }
    }
  }
}
