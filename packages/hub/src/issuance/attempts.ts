import { AuthorityProblem } from '@sixhub/acme';
import { errorText, type Clock } from '@sixhub/base';
import type { Version } from '../domain/certificate.js';
import { judgeDelegation } from '../domain/delegation.js';
import { challengeDomain, type DnsName } from '../domain/dns-name.js';
import type { Issuance, Step } from '../domain/issuance.js';
import { longestPauseMs } from '../domain/renewal.js';
import { isWorthAnotherAuthority, planRetry } from '../domain/retry.js';
import { watchFrom } from '../domain/watch.js';
import type { Authority, CaaLookup, ChallengeServer, DelegationLookup, Log } from '../ports.js';
import type { IssuanceChange } from '../store/issuances.js';
import type { Store } from '../store/store.js';
import type { Authorities, Choice } from './authorities.js';
import { awaitDelegation } from './await-delegation.js';
import { issue } from './issue.js';
import { LimitUsedUp } from './order.js';
import { Limits } from './limits.js';
import type { Persistence } from './persistence.js';
import { StandingRecords } from './standing-records.js';

export interface IssuanceContext {
  readonly store: Store;
  readonly challengeServer: ChallengeServer;
  readonly lookup: DelegationLookup;
  readonly caa: CaaLookup;
  readonly authorities: Authorities;
  /** Undefined: no authority's standing records are taken. */
  readonly persistence?: Persistence | undefined;
  readonly clock: Clock;
  readonly log: Log;
  /** In [0, 1). */
  readonly random: () => number;
}

const lookAgainMs = 10_000;
const ownFault = 'an issuance met an error of our own';

/** Single tries at the stages of an issuance; what comes of each is stored before it returns. */
export class Attempts {
  readonly #context: IssuanceContext;
  readonly #limits: Limits;
  readonly #signal: AbortSignal;
  readonly #tell: (id: string, step: Step) => Promise<void>;
  readonly #told: (id: string) => void;

  /** `tell` records a step; `told` says that one was recorded. */
  constructor(
    context: IssuanceContext,
    signal: AbortSignal,
    tell: (id: string, step: Step) => Promise<void>,
    told: (id: string) => void,
  ) {
    this.#context = context;
    this.#limits = new Limits(context.store.orders, context.clock);
    this.#signal = signal;
    this.#tell = tell;
    this.#told = told;
  }

  async delegation(
    issuance: Issuance,
    pause: (milliseconds: number) => Promise<void>,
  ): Promise<void> {
    const { store, challengeServer, lookup, clock } = this.#context;
    const { delegations } = store;
    const signal = this.#signal;
    const tell = (step: Step): Promise<void> => this.#tell(issuance.id, step);
    try {
      await awaitDelegation(issuance, {
        ...{ delegations, challengeServer, lookup, clock, signal },
        ...{ pause, tell },
        covered: this.#covered(issuance, tell),
      });
      await store.issuances.update(issuance.id, { stage: 'order', retryAt: undefined });
    } catch (error) {
      if (signal.aborted) throw error;
      // Others took the last order below a limit while a standing record was asked for: it looks again.
      if (error instanceof LimitUsedUp) return;
      await this.#ownFault(issuance, error);
    }
  }

  /** One try at the first authority that may be asked; true when a version is stored. */
  async order(issuance: Issuance): Promise<boolean> {
    const { store, challengeServer, lookup, persistence, clock, authorities } = this.#context;
    const choice = await this.#choose(issuance);
    if (choice.kind === 'wait') {
      await this.#waits(issuance, choice);
      return false;
    }
    const { authority } = choice;
    const triedAt = clock.now();
    // An order belongs to who made it; at another authority there is none yet.
    const same = authority.name === issuance.authority;
    const orderUrl = same ? issuance.orderUrl : undefined;
    if (!same) await this.#leave(issuance, authority);
    const current = { ...issuance, authority: authority.name, orderUrl };
    let version: Awaited<ReturnType<typeof issue>>;
    try {
      version = await issue(current, {
        delegations: store.delegations,
        certificates: store.certificates,
        issuances: store.issuances,
        limits: this.#limits,
        caa: this.#context.caa,
        ...{ challengeServer, lookup, persistence, clock, authority },
        signal: this.#signal,
        tell: (step: Step) => this.#tell(issuance.id, step),
      });
    } catch (error) {
      if (this.#signal.aborted) throw error;
      // Others were faster since the authority was chosen: it is chosen anew.
      if (error instanceof LimitUsedUp) return false;
      const problem = error instanceof AuthorityProblem ? error : this.#ownProblem(current, error);
      await this.#failed(issuance.id, authority, problem, triedAt);
      return false;
    }
    if (version === 'undelegated') {
      // Not at once: what changed a moment ago may change again.
      const retryAt = new Date(clock.now().getTime() + lookAgainMs);
      await store.issuances.update(issuance.id, { stage: 'delegation', retryAt });
      return false;
    }
    if (version === 'again') return false;
    if ('kind' in version) {
      await this.#early(current, version);
      return false;
    }
    await authorities.succeeded(authority, issuance.certificate, triedAt);
    await this.#recordStored(issuance, version);
    await this.#watchDelegations(issuance, version, authority);
    return true;
  }

  /** On to another authority, where there is no order yet. */
  async #leave({ id, authority, orderUrl }: Issuance, { name }: Authority): Promise<void> {
    const { authorities, store } = this.#context;
    await store.issuances.update(id, { authority: name, orderUrl: undefined });
    const before = authorities.named(authority);
    if (before === undefined || orderUrl === undefined) return;
    await this.#limits.orderCameToNothing(before, orderUrl);
  }

  #choose({ certificate, names, authority, orderUrl }: Issuance): Promise<Choice> {
    return this.#context.authorities.choose(
      { certificate, names },
      orderUrl === undefined ? undefined : authority,
    );
  }

  #covered(
    issuance: Issuance,
    tell: (step: Step) => Promise<void>,
  ): (domains: readonly DnsName[]) => Promise<ReadonlySet<DnsName>> {
    const { store, authorities, caa, persistence, clock, log } = this.#context;
    if (persistence === undefined) return () => Promise.resolve(new Set());
    const records = new StandingRecords(issuance, {
      ...{ store, authorities, caa, persistence, clock, log, tell },
      ...{ limits: this.#limits, signal: this.#signal },
    });
    return (domains) => records.covered(domains);
  }

  async #recordStored(issuance: Issuance, version: Version): Promise<void> {
    const { log, store } = this.#context;
    log.info({ issuance: issuance.id, version: version.id }, 'stored');
    await store.audit.append({
      actor: 'hub',
      action: 'version.stored',
      object: issuance.certificate,
      detail: version.id,
    });
  }

  /** The authority has just seen them; from now on the hub looks whether they stay. */
  async #watchDelegations(
    { names }: Issuance,
    version: Version,
    { dnsPersist }: Authority,
  ): Promise<void> {
    const { store, lookup, clock, random } = this.#context;
    for (const domain of new Set(names.map(challengeDomain))) {
      const delegation = await store.delegations.find(domain);
      if (delegation === undefined) continue;
      const { target, watch: known } = delegation;
      // A standing record may have been seen in its place.
      if (dnsPersist) {
        const sightings = await lookup.look(domain, target, this.#signal);
        if (judgeDelegation(domain, target, sightings).kind !== 'ready') continue;
      }
      const watch = watchFrom(version, clock.now(), random);
      // Another certificate may need it for longer.
      const until = known !== undefined && known.until > watch.until ? known.until : watch.until;
      await store.delegations.saveWatch(domain, { ...watch, until });
    }
  }

  /** The authority refused: on to the next one where that may help, else when and by whom it goes on. */
  async #failed(
    id: string,
    authority: Authority,
    problem: AuthorityProblem,
    triedAt: Date,
  ): Promise<void> {
    const { authorities, store } = this.#context;
    // As the try left it: its order may be dead, or what failed came after the certificate was stored.
    const issuance = await store.issuances.find(id);
    if (issuance === undefined) return;
    const { certificate, stage } = issuance;
    if (stage === 'done') return authorities.succeeded(authority, certificate, triedAt);
    if (problem.kind === 'account-unknown') await authority.account.forget();
    const hold = await authorities.failed(authority, issuance, problem, triedAt);
    const failures = issuance.failures + 1;
    // A failed authorization needs a new order; one that is still good is found again by its address.
    const choice = await this.#choose(issuance);
    const fact = `${problem.authority}: ${problem.detail}`;
    if (
      choice.kind === 'ask' &&
      choice.authority !== authority &&
      isWorthAnotherAuthority(problem.kind, failures, problem.retryAfterMs)
    ) {
      const next = choice.authority.name;
      const step: Step = { kind: 'authority-failed', authority: authority.name, fact, next };
      await this.#fail(issuance.id, step, { failures, retryAt: undefined });
      return;
    }
    const { afterMs, hint } = planRetry(problem.kind, hold.failures, problem.retryAfterMs);
    const retryAt =
      afterMs === undefined && authorities.alone
        ? undefined
        : choice.kind === 'wait'
          ? choice.until
          : hold.until;
    const step: Step = {
      kind: 'problem',
      problem: problem.kind,
      fact,
      hint,
      retryAt: retryAt?.toISOString() ?? null,
    };
    await this.#fail(issuance.id, step, {
      failures,
      retryAt,
      retryOrdered: problem.retryAfterMs !== undefined,
      ...(retryAt === undefined ? { stage: 'failed' as const } : {}),
    });
  }

  /** Nobody may be asked yet: said once, with the reason that was given when the time was set. */
  async #waits(
    issuance: Issuance,
    { until, ordered, problem, fact }: Extract<Choice, { kind: 'wait' }>,
  ): Promise<void> {
    const { hint } = planRetry(problem, 1);
    const step: Step = { kind: 'problem', problem, fact, hint, retryAt: until.toISOString() };
    await this.#fail(issuance.id, step, { retryAt: until, retryOrdered: ordered });
  }

  /** Served before its time, it would be refused by clients; the one before serves meanwhile. */
  async #early(
    { id, authority }: Issuance,
    { until, why }: { readonly until: Date; readonly why: string },
  ): Promise<void> {
    const fact = `${authority}: ${why}; it is taken then`;
    const hint = "Nothing to do, if this machine's clock is right: timedatectl shows it.";
    const retryAt = until.toISOString();
    const step: Step = { kind: 'problem', problem: 'wrong-certificate', fact, hint, retryAt };
    await this.#fail(id, step, { retryAt: until, retryOrdered: false });
  }

  /** At another authority it may go better, so that it is treated as one's refusal. */
  #ownProblem({ id, authority }: Issuance, error: unknown): AuthorityProblem {
    const detail = errorText(error);
    this.#context.log.error({ issuance: id, error: detail }, ownFault);
    return new AuthorityProblem({ kind: 'internal', authority, detail, cause: error });
  }

  async #ownFault({ id, certificate, failures: before }: Issuance, error: unknown): Promise<void> {
    const { clock, log, store } = this.#context;
    const fact = errorText(error);
    const failures = before + 1;
    const version = await store.certificates.newest(certificate);
    const longestMs = version === undefined ? undefined : longestPauseMs(version);
    const { afterMs = 0, hint } = planRetry('internal', failures, undefined, longestMs);
    const retryAt = new Date(clock.now().getTime() + afterMs);
    const at = retryAt.toISOString();
    const step: Step = { kind: 'problem', problem: 'internal', fact, hint, retryAt: at };
    await this.#fail(id, step, { failures, retryAt, retryOrdered: false });
    // Where not even that could be written down, the runner tells.
    log.error({ issuance: id, error: fact }, ownFault);
  }

  /** Told and remembered together: who follows never sees one without the other. */
  async #fail(id: string, step: Step, change: IssuanceChange): Promise<void> {
    const { store, clock, log } = this.#context;
    await store.issuances.fail(id, clock.now(), step, change);
    log.warn({ issuance: id, step }, step.kind);
    this.#told(id);
  }
}
