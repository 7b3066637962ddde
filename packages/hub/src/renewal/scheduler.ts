import { AuthorityProblem, renewalInfoId, type AuthoritySession } from '@sixhub/acme';
import { errorText, formatDuration, type Clock } from '@sixhub/base';
import type { Version } from '../domain/certificate.js';
import { isGeneral } from '../domain/hold.js';
import { planRenewals, type Candidate } from '../domain/planner.js';
import {
  planVersion,
  renewalInfoFailed,
  withoutRenewalInfo,
  withRenewalInfo,
  type Renewal,
} from '../domain/renewal.js';
import type { Authorities } from '../issuance/authorities.js';
import { Gate } from '../issuance/gate.js';
import type { IssuanceRunner } from '../issuance/runner.js';
import type { Log } from '../ports.js';
import type { DueRenewal } from '../store/renewals.js';
import type { Store } from '../store/store.js';
import { ClockGuard } from './clock-guard.js';
import { Turns } from './turns.js';

export interface SchedulerOptions {
  readonly store: Store;
  readonly runner: IssuanceRunner;
  readonly authorities: Authorities;
  readonly clock: Clock;
  readonly log: Log;
  /** In [0, 1). */
  readonly random: () => number;
}

/** So many are looked at together; what is left over is found by the next round. */
const batch = 200;
/** So many questions for renewal information are open at an authority. */
const askedAtOnce = 8;
/** A tick that finds ever more to do gives way to the next one. */
const roundsPerTick = 25;
/** More than a tick late: the machine slept or the clock was moved. */
const jumpMs = 5 * 60_000;

/**
 * Runs the planner on what the store's index finds due, asks for renewal information and starts issuances. A tick
 * at which nothing is due is one look at an index, however many certificates there are.
 */
export class RenewalScheduler {
  readonly #options: SchedulerOptions;
  readonly #turns = new Turns((signal) => this.#tick(signal));
  readonly #clockGuard: ClockGuard;
  #lastTick: Date | undefined;
  /** Since a tick at which the clock was right. */
  #moved: 'no' | 'forward' | 'maybe-back' = 'no';

  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.#clockGuard = new ClockGuard(options);
  }

  tick(): Promise<void> {
    return this.#turns.take();
  }

  stop(): Promise<void> {
    return this.#turns.stop();
  }

  async #tick(signal: AbortSignal): Promise<void> {
    const { log } = this.#options;
    try {
      this.#noticeJump();
      if (!(await this.#clockGuard.allows(signal))) return;
      await this.#makeUpForJump();
      for (let round = 0; round < roundsPerTick && !signal.aborted; round++) {
        if ((await this.#round()) === 0) return;
      }
    } catch (error) {
      if (!signal.aborted) log.error({ error: errorText(error) }, 'renewal tick failed');
    }
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
   * waits in an issuance waits by another clock than the one that was set, and looks again where its time has come.
   */
  async #makeUpForJump(): Promise<void> {
    const { store, clock, log, runner } = this.#options;
    const moved = this.#moved;
    this.#moved = 'no';
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
    await runner.wakeDue();
  }

  /** Returns how much it did. */
  async #round(): Promise<number> {
    const { store, runner, clock } = this.#options;
    const due = await store.renewals.due(clock.now(), batch);
    if (due.length === 0) return 0;
    const candidates = await Promise.all(due.map((one) => this.#candidate(one)));
    const now = clock.now();
    const plan = planRenewals(
      candidates.flatMap((candidate) => (candidate === undefined ? [] : [candidate])),
      now,
    );
    for (const renewal of plan.held) await store.renewals.save(renewal, now);
    await this.#ask(plan.ask);
    for (const renewal of plan.renew) {
      const certificate = await store.certificates.find(renewal.certificate);
      if (certificate === undefined) continue;
      this.#tellStart(renewal);
      await store.renewals.save(renewal, now);
      const { name, names, keyKind, reuseKey } = certificate;
      await runner.renew({ certificate: name, names, keyKind, reuseKey });
    }
    return plan.held.length + plan.ask.length + plan.renew.length;
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

  /** RFC 9773, all certificates of an authority in one session; an authority in trouble is left alone for a while. */
  async #ask(renewals: readonly Renewal[]): Promise<void> {
    for (const [name, own] of byAuthority(renewals)) {
      await this.#askAuthority(name, own);
    }
  }

  async #askAuthority(name: string, renewals: readonly Renewal[]): Promise<void> {
    const { store, authorities, clock, random, log } = this.#options;
    const save = (renewal: Renewal): Promise<void> => store.renewals.save(renewal, clock.now());
    const authority = authorities.named(name);
    if (authority === undefined) {
      // Taken out of hub.toml: nobody is left to ask.
      for (const renewal of renewals) await save(withoutRenewalInfo(renewal));
      return;
    }
    const failed = (renewal: Renewal, after: number | undefined): Promise<void> =>
      save(renewalInfoFailed(renewal, after, clock.now(), random));
    const held = await authorities.heldUntil(authority);
    if (held !== undefined) {
      const after = held.getTime() - clock.now().getTime();
      for (const renewal of renewals) await failed(renewal, after);
      return;
    }
    let trouble: AuthorityProblem | undefined;
    const inTrouble = async (problem: AuthorityProblem): Promise<void> => {
      if (trouble !== undefined) return;
      trouble = problem;
      log.warn({ authority: name, problem: problem.detail }, askedInVain);
      await authorities.toldToWait(authority, problem);
    };
    const ask = async (session: AuthoritySession, renewal: Renewal): Promise<void> => {
      if (trouble !== undefined) return failed(renewal, trouble.retryAfterMs);
      const answer = await problemOf(async () => save(await this.#askOne(session, renewal)));
      if (answer === undefined) return;
      if (isGeneral(answer.kind)) await inTrouble(answer);
      else log.warn({ certificate: renewal.certificate, problem: answer.detail }, askedInVain);
      await failed(renewal, answer.retryAfterMs);
    };
    const opened = await problemOf(async () => {
      using session = await authority.open(this.#turns.signal);
      const [first, ...rest] = renewals;
      // One goes ahead: an authority in trouble is found so by a single request.
      if (first !== undefined) await ask(session, first);
      const gate = new Gate(askedAtOnce);
      await Promise.all(rest.map((renewal) => gate.pass(() => ask(session, renewal))));
    });
    if (opened === undefined) return;
    this.#turns.signal.throwIfAborted();
    await inTrouble(opened);
    for (const renewal of renewals) await failed(renewal, opened.retryAfterMs);
  }

  async #askOne(session: AuthoritySession, renewal: Renewal): Promise<Renewal> {
    const { store, clock, random } = this.#options;
    const version: Version | undefined = await store.certificates.newest(renewal.certificate);
    const id = version?.id === renewal.version ? renewalInfoId(version.leaf) : undefined;
    const info = id === undefined ? undefined : await session.renewalInfo(id);
    if (info === undefined) return withoutRenewalInfo(renewal);
    return withRenewalInfo(renewal, info, clock.now(), random);
  }

  #tellStart({ certificate, because, window, explanationUrl, notAfter }: Renewal): void {
    const { log } = this.#options;
    const fields = { certificate, because, window, explanationUrl, notAfter };
    if (because === 'revoked') log.warn(fields, 'its newest version is revoked, and is replaced');
    else if (because !== 'withdrawn') log.info(fields, 'renewal');
    else log.warn(fields, 'renewal before its time: the authority withdraws the certificate');
  }
}

const askedInVain = 'renewal information could not be had; asked again later';

/** An authority's refusal as a value; undefined where the work was done. */
async function problemOf(work: () => Promise<void>): Promise<AuthorityProblem | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (error instanceof AuthorityProblem) return error;
    throw error;
  }
}

function byAuthority(renewals: readonly Renewal[]): ReadonlyMap<string, readonly Renewal[]> {
  const groups = new Map<string, Renewal[]>();
  for (const renewal of renewals) {
    const group = groups.get(renewal.authority);
    if (group === undefined) groups.set(renewal.authority, [renewal]);
    else group.push(renewal);
  }
  return groups;
}
