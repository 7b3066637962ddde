import { randomUUID } from 'node:crypto';
import { EventEmitter, on, setMaxListeners } from 'node:events';
import type { KeyKind } from '@sixhub/acme';
import { errorText } from '@sixhub/base';
import type { AgentName, CertificateName } from '@sixhub/protocol';
import type { Certificate } from '../domain/certificate.js';
import type { DnsName } from '../domain/dns-name.js';
import { isFinished, waitsForKeyOf, type Issuance, type Step } from '../domain/issuance.js';
import { Refusal } from '../domain/refusal.js';
import type { StoredStep } from '../store/issuances.js';
import { Pauses } from './pauses.js';
import { awaitKey } from './await-key.js';
import { Attempts, type IssuanceContext } from './attempts.js';
import { Gate } from './gate.js';

/** What a person or the planner wants issued. */
export interface Wish {
  readonly certificate: CertificateName;
  readonly names: readonly DnsName[];
  readonly keyKind: KeyKind;
  readonly reuseKey: boolean;
  /** The agent that makes the key and keeps it. */
  readonly keyOn: AgentName | undefined;
}

/** The same once more. */
export function wishOf({ name, names, keyKind, reuseKey, keyOn }: Certificate): Wish {
  return { certificate: name, names, keyKind, reuseKey, keyOn };
}

/** More orders at once than this make none of them faster. */
const atOnce = 16;

interface Loop {
  readonly done: Promise<void>;
  wake(): void;
  /** False where it is at work and can't be stopped now. */
  cancel(): boolean;
}

/** How long after an error of our own an issuance is looked at again. */
const interruptionMs = 60_000;

/**
 * Runs issuances, each in a loop of its own until a version is stored or only a person can help.
 * Nothing about an issuance is only in memory, so that stopping, or being killed, loses nothing.
 */
export class IssuanceRunner implements AsyncDisposable {
  readonly #options: IssuanceContext;
  readonly #stop = new AbortController();
  readonly #loops = new Map<string, Loop>();
  readonly #gate = new Gate(atOnce);
  readonly #told = new EventEmitter().setMaxListeners(0);

  readonly #attempts: Attempts;

  constructor(options: IssuanceContext) {
    this.#options = options;
    setMaxListeners(0, this.#stop.signal); // every request of every issuance listens to it
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
    if (running !== undefined && isSameWish(running, wish)) {
      return { issuance: await this.#hurry(running), joined: true };
    }
    if (running !== undefined) await this.#supersede(running);
    return { issuance: await this.#start(wish), joined: false };
  }

  /** For the planner: starts an issuance unless one is unfinished, and hurries none. */
  async renew(wish: Wish): Promise<void> {
    const running = await this.#options.store.issuances.unfinishedOf(wish.certificate);
    if (running === undefined) await this.#start(wish);
  }

  /**
   * The clock was set, or the machine slept, through which no timer runs: who waits reckons anew how long, and who
   * waits for a time that is over by now goes on.
   */
  clockMoved(): void {
    for (const loop of this.#loops.values()) loop.wake();
  }

  /** Something was told of it from outside, as an agent's request: it looks, and who follows hears of it. */
  woken(id: string): void {
    this.#told.emit(id);
    this.#loops.get(id)?.wake();
  }

  async #start(wish: Wish): Promise<Issuance> {
    const { store, clock, authorities } = this.#options;
    const issuance: Issuance = {
      id: randomUUID(),
      certificate: wish.certificate,
      names: wish.names,
      keyKind: wish.keyKind,
      reuseKey: wish.reuseKey,
      keyOn: wish.keyOn,
      request: undefined,
      authority: authorities.first().name,
      stage: 'delegation',
      orderUrl: undefined,
      failures: 0,
      retryAt: undefined,
      retryOrdered: false,
      createdAt: clock.now(),
    };
    try {
      await store.issuances.create(issuance);
    } finally {
      // After an error as well: it may be stored all the same, and nobody else would take it up before the next start.
      this.#run(issuance.id);
    }
    return issuance;
  }

  /** Ends an issuance that waits, since the person now wants other names or another key. */
  async #supersede(issuance: Issuance): Promise<void> {
    const { store, clock } = this.#options;
    const loop = this.#loops.get(issuance.id);
    if (loop !== undefined && !loop.cancel()) {
      throw new Refusal(
        'conflict',
        'issuance-running',
        `${issuance.certificate} is being issued with other names or another key at this moment`,
        'Wait until it is done, some seconds, and ask again.',
      );
    }
    await loop?.done;
    const step: Step = {
      kind: 'problem',
      problem: 'other',
      fact: 'this issuance was replaced: other names or another key were asked for',
      hint: `See: hub show ${issuance.certificate}`,
      retryAt: null,
    };
    await store.issuances.fail(issuance.id, clock.now(), step, {
      stage: 'failed',
      retryAt: undefined,
    });
    this.#told.emit(issuance.id);
  }

  /** Has a waiting issuance try now, unless it waits because the authority said so. */
  async #hurry(issuance: Issuance): Promise<Issuance> {
    const { store, clock } = this.#options;
    const waits = issuance.retryAt !== undefined && issuance.retryAt > clock.now();
    if (waits && issuance.retryOrdered) return issuance;
    await store.issuances.update(issuance.id, { retryAt: undefined });
    this.#run(issuance.id); // where its loop is gone
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
    if (this.#loops.has(id)) return;
    const pauses = new Pauses(this.#options.clock, this.#stop.signal);
    const done = this.#keepRunning(id, pauses).finally(() => this.#loops.delete(id));
    this.#loops.set(id, { done, wake: () => pauses.wake(), cancel: () => pauses.cancel() });
  }

  /** An error that no attempt could even write down, as of a full disk, does not end the issuance. */
  async #keepRunning(id: string, pauses: Pauses): Promise<void> {
    for (let told = ''; ;) {
      try {
        await this.#loop(id, (milliseconds) => pauses.pause(milliseconds));
        return;
      } catch (error) {
        if (pauses.ended) return;
        const fault = errorText(error);
        // Once: it may be the same for days.
        if (fault !== told)
          this.#options.log.error({ issuance: id, error: fault }, 'issuance interrupted');
        told = fault;
      }
      await pauses.pause(interruptionMs).catch(() => undefined); // ended: seen at the next step
      if (pauses.ended) return;
    }
  }

  async #loop(id: string, pause: (milliseconds: number) => Promise<void>): Promise<void> {
    const { store, clock } = this.#options;
    for (;;) {
      const issuance = await store.issuances.find(id);
      if (issuance === undefined || isFinished(issuance.stage)) return;
      const early = (issuance.retryAt?.getTime() ?? 0) - clock.now().getTime();
      if (early > 0) {
        await pause(early);
        continue; // woken before its time, it may have another by now
      }
      if (issuance.stage === 'delegation') {
        await this.#attempts.delegation(issuance, pause);
        continue;
      }
      const keeper = waitsForKeyOf(issuance);
      if (keeper !== undefined) {
        await awaitKey(issuance, keeper, {
          ...{ issuances: store.issuances, pause },
          tell: (step) => this.#tell(id, step),
        });
        continue;
      }
      if (await this.#gate.pass(() => this.#attempts.order(issuance))) {
        this.#told.emit(id);
        return;
      }
    }
  }
}

export function isSameWish(
  { names, keyKind, reuseKey, keyOn }: Omit<Wish, 'certificate'>,
  wish: Wish,
): boolean {
  const sameKey = keyKind === wish.keyKind && reuseKey === wish.reuseKey && keyOn === wish.keyOn;
  return sameKey && names.toSorted().join() === wish.names.toSorted().join();
}
