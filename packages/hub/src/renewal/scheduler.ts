import { errorText, formatDuration } from '@sixhub/base';
import type { CertificateName } from '@sixhub/protocol';
import { planRenewals, type Candidate } from '../domain/planner.js';
import { planVersion, type Renewal } from '../domain/renewal.js';
import { wishOf, type IssuanceRunner } from '../issuance/runner.js';
import type { DueRenewal } from '../store/renewals.js';
import type { WrongClock } from '../domain/standing-alerts.js';
import { ClockGuard } from './clock-guard.js';
import { Inquiries, type InquiryContext } from './inquiries.js';
import { Turns } from './turns.js';

export interface SchedulerOptions extends InquiryContext {
  readonly runner: IssuanceRunner;
}

/** So many are looked at together; what is left over is found by the next round. */
const batch = 200;
/** A tick that finds ever more to do gives way to the next one. */
const roundsPerTick = 25;
/** More than a tick late: the machine slept or the clock was moved. */
const jumpMs = 5 * 60_000;
/** How long after an error of our own a certificate is looked at again. */
const ownFaultMs = 10 * 60_000;

/**
 * Runs the planner on what the store's index finds due, asks for renewal information and starts issuances. A tick
 * at which nothing is due is one look at an index, however many certificates there are.
 */
export class RenewalScheduler {
  readonly #options: SchedulerOptions;
  readonly #turns = new Turns(
    (signal) => this.#tick(signal),
    (error) => this.#failed(error),
  );
  readonly #clockGuard: ClockGuard;
  readonly #inquiries: Inquiries;
  #lastTick: Date | undefined;
  /** Since a tick at which the clock was right. */
  #moved: 'no' | 'forward' | 'maybe-back' = 'no';

  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.#clockGuard = new ClockGuard(options);
    this.#inquiries = new Inquiries(options, this.#turns.signal);
  }

  /** While it is, nothing is renewed. */
  get wrongClock(): WrongClock | undefined {
    return this.#clockGuard.wrong;
  }

  tick(): Promise<void> {
    return this.#turns.take();
  }

  stop(): Promise<void> {
    return this.#turns.stop();
  }

  /** What made the last tick fail. */
  #fault: string | undefined;

  async #tick(signal: AbortSignal): Promise<void> {
    this.#noticeJump();
    if (!(await this.#clockGuard.allows(signal))) return;
    await this.#makeUpForJump();
    for (let round = 0; round < roundsPerTick && !signal.aborted; round++) {
      if ((await this.#round()) === 0) break;
    }
    if (this.#fault !== undefined) this.#options.log.info({}, 'renewals are looked at again');
    this.#fault = undefined;
  }

  #failed(error: unknown): void {
    const fault = errorText(error);
    // Once: it may be the same for days.
    if (fault !== this.#fault) this.#options.log.error({ error: fault }, 'renewal tick failed');
    this.#fault = fault;
  }

  /** The clock was set, or the machine slept; at the start, either may have been. */
  #noticeJump(): void {
    const { clock, log } = this.#options;
    const now = clock.now();
    const last = this.#lastTick;
    this.#lastTick = now;
    const moved = last === undefined ? 0 : now.getTime() - last.getTime();
    if (last === undefined || moved < 0) this.#moved = 'maybe-back';
    if (moved <= jumpMs && moved >= 0) return;
    this.#clockGuard.forget();
    if (moved < 0) return;
    if (this.#moved === 'no') this.#moved = 'forward';
    log.info(
      { since: last },
      `no look at renewals for ${formatDuration(moved)}: stopped, asleep, or the clock was set; making up for it`,
    );
  }

  /**
   * Forward, whatever was missed is due by itself; backward, what was planned by the wrong clock is planned anew. What
   * waits in an issuance waits by another clock than the one that was set, and reckons anew.
   */
  async #makeUpForJump(): Promise<void> {
    const { store, clock, log, runner } = this.#options;
    const moved = this.#moved;
    if (moved === 'no') return;
    const now = clock.now();
    if (moved === 'maybe-back') {
      await store.issuances.forgetFuture(now);
      await store.orders.forgetFuture(now);
      await store.certificates.forgetFuture(now);
      await store.delegations.forgetFuture(now);
      const again = await store.renewals.forgetFuture(now);
      if (again > 0) log.warn({ again }, 'the clock was set back; renewals are planned anew');
    }
    runner.clockMoved();
    this.#moved = 'no'; // not before: what failed in the middle is made up for at the next tick
  }

  /** Returns how much it did. */
  async #round(): Promise<number> {
    const { store, clock } = this.#options;
    await this.#inquiries.saveUnsaved();
    const due = await store.renewals.due(clock.now(), batch);
    if (due.length === 0) return 0;
    const candidates = await Promise.all(
      due.map((one) => this.#apart(one.certificate, () => this.#candidate(one))),
    );
    const now = clock.now();
    const plan = planRenewals(
      candidates.flatMap((candidate) => (candidate === undefined ? [] : [candidate])),
      now,
    );
    for (const renewal of plan.held) await store.renewals.save(renewal, now);
    await this.#inquiries.ask(plan.ask);
    for (const renewal of plan.renew) {
      await this.#apart(renewal.certificate, () => this.#renew(renewal, now));
    }
    return plan.held.length + plan.ask.length + plan.renew.length;
  }

  async #renew(renewal: Renewal, now: Date): Promise<void> {
    const { store, runner } = this.#options;
    const certificate = await store.certificates.find(renewal.certificate);
    if (certificate === undefined) return;
    this.#tellStart(renewal);
    if (renewal.because === 'withdrawn') await this.#goToAllAtOnce(certificate.name);
    // First: a plan that says it was begun, and nothing that was, would put it off until the next look.
    await runner.renew(wishOf(certificate));
    await store.renewals.save(renewal, now);
  }

  /** What its authority takes back is not to be kept by agents until their turn. */
  async #goToAllAtOnce(name: CertificateName): Promise<void> {
    const { rollouts } = this.#options.store;
    const { always, next } = await rollouts.plans(name);
    if (always !== undefined || next !== undefined) await rollouts.planNext(name, 'at-once');
  }

  async #candidate({ certificate: name, plan }: DueRenewal): Promise<Candidate | undefined> {
    const { store, authorities, clock, random } = this.#options;
    const now = clock.now();
    const version = await store.certificates.newest(name);
    const certificate = await store.certificates.find(name);
    if (version === undefined || certificate === undefined) return undefined;
    const renewal =
      plan?.version === version.id
        ? plan
        : planVersion(version, await store.certificates.versions(name), now, random);
    if (renewal !== plan) await store.renewals.save(renewal, now);
    const issuing = (await store.issuances.unfinishedOf(name)) !== undefined;
    const choice = await authorities.choose({ certificate: name, names: certificate.names });
    return { renewal, issuing, fitsAt: choice.kind === 'ask' ? now : choice.until };
  }

  /** What is wrong with one certificate must not keep the others from being renewed. */
  async #apart<T>(certificate: CertificateName, work: () => Promise<T>): Promise<T | undefined> {
    const { store, clock, log } = this.#options;
    try {
      return await work();
    } catch (error) {
      this.#turns.signal.throwIfAborted();
      log.error({ certificate, error: errorText(error) }, 'its renewal met an error of our own');
      await store.renewals.postpone(certificate, new Date(clock.now().getTime() + ownFaultMs));
      return undefined;
    }
  }

  #tellStart({ certificate, because, window, explanationUrl, notAfter }: Renewal): void {
    const { log } = this.#options;
    const fields = { certificate, because, window, explanationUrl, notAfter };
    if (because === 'revoked') log.warn(fields, 'its newest version is revoked, and is replaced');
    else if (because !== 'withdrawn') log.info(fields, 'renewal');
    else log.warn(fields, 'renewal before its time: the authority withdraws the certificate');
  }
}
