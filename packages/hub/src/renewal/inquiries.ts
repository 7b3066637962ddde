import { AuthorityProblem, renewalInfoId, type AuthoritySession } from '@sixhub/acme';
import { errorText, type Clock } from '@sixhub/base';
import { isGeneral } from '../domain/hold.js';
import {
  renewalInfoFailed,
  withoutRenewalInfo,
  withRenewalInfo,
  type Renewal,
} from '../domain/renewal.js';
import type { Authorities } from '../issuance/authorities.js';
import { Gate } from '../issuance/gate.js';
import type { Authority, Log } from '../ports.js';
import type { Store } from '../store/store.js';

export interface InquiryContext {
  readonly store: Store;
  readonly authorities: Authorities;
  readonly clock: Clock;
  readonly log: Log;
  /** In [0, 1). */
  readonly random: () => number;
}

/** So many questions are open at an authority. */
const askedAtOnce = 8;
const askedInVain = 'renewal information could not be had; asked again later';
const unknownThere =
  'its authority has no renewal information for it; asked again later, and renewed by its lifetime until then';

/**
 * Asks authorities for renewal information (RFC 9773). What comes of it is in each certificate's plan, whatever it is:
 * an authority that can't be asked costs the others nothing, and its certificates are renewed by their lifetime.
 */
export class Inquiries {
  readonly #context: InquiryContext;
  readonly #signal: AbortSignal;

  /** What came of a question and could not be written down, by certificate. */
  readonly #unsaved = new Map<string, Renewal>();

  constructor(context: InquiryContext, signal: AbortSignal) {
    this.#context = context;
    this.#signal = signal;
  }

  /** Before anybody is asked: who answered is not asked again because of our full disk. */
  async saveUnsaved(): Promise<void> {
    for (const renewal of [...this.#unsaved.values()]) await this.#write(renewal);
  }

  async ask(renewals: readonly Renewal[]): Promise<void> {
    for (const [name, own] of byAuthority(renewals)) {
      const authority = this.#context.authorities.named(name);
      if (authority !== undefined) await this.#askAt(authority, own);
      // Taken out of hub.toml: nobody is left to ask.
      else for (const renewal of own) await this.#save(withoutRenewalInfo(renewal));
    }
    await this.saveUnsaved();
  }

  /** All in one session; an authority in trouble is left alone for a while. */
  async #askAt(authority: Authority, renewals: readonly Renewal[]): Promise<void> {
    const { authorities, clock, log } = this.#context;
    const held = await authorities.questionsHeldUntil(authority);
    if (held !== undefined) {
      const after = held.getTime() - clock.now().getTime();
      for (const renewal of renewals) await this.#failed(renewal, after);
      return;
    }
    let trouble: AuthorityProblem | undefined;
    const inTrouble = async (problem: AuthorityProblem): Promise<void> => {
      if (trouble !== undefined) return;
      trouble = problem;
      log.warn({ authority: authority.name, problem: problem.detail }, askedInVain);
      await authorities.toldToAskLater(authority, problem);
    };
    const ask = async (session: AuthoritySession, renewal: Renewal): Promise<void> => {
      if (trouble !== undefined) return this.#failed(renewal, trouble.retryAfterMs);
      const answer = await this.#problemOf(authority, async () =>
        this.#save(await this.#askOne(session, renewal)),
      );
      if (answer === undefined) return;
      if (isAboutAll(answer)) await inTrouble(answer);
      else this.#warn(renewal, answer);
      await this.#failed(renewal, answer.retryAfterMs);
    };
    const opened = await this.#problemOf(authority, async () => {
      using session = await authority.openWithoutAccount(this.#signal); // RFC 9773 §4.1
      await session.directory(); // apart: its trouble is everybody's
      const [first, ...rest] = renewals;
      // One goes ahead: an authority in trouble is found so by a single request.
      if (first !== undefined) await ask(session, first);
      const gate = new Gate(askedAtOnce);
      await Promise.all(rest.map((renewal) => gate.pass(() => ask(session, renewal))));
    });
    if (opened === undefined) return;
    log.warn({ authority: authority.name, problem: opened.detail }, askedInVain);
    await authorities.toldToWait(authority, opened);
    for (const renewal of renewals) await this.#failed(renewal, opened.retryAfterMs);
  }

  async #askOne(session: AuthoritySession, renewal: Renewal): Promise<Renewal> {
    const { store, clock, random } = this.#context;
    const version = await store.certificates.newest(renewal.certificate);
    const id = version?.id === renewal.version ? renewalInfoId(version.leaf) : undefined;
    const info = id === undefined ? undefined : await session.renewalInfo(id);
    if (info === undefined) return withoutRenewalInfo(renewal);
    return withRenewalInfo(renewal, info, clock.now(), random);
  }

  #warn({ certificate, authority }: Renewal, { status, detail }: AuthorityProblem): void {
    const fields = { certificate, authority, status, problem: detail };
    this.#context.log.warn(fields, status === 404 ? unknownThere : askedInVain);
  }

  #failed(renewal: Renewal, afterMs: number | undefined): Promise<void> {
    const { clock, random } = this.#context;
    return this.#save(renewalInfoFailed(renewal, afterMs, clock.now(), random));
  }

  /** Trouble of our own disk says nothing about who answered: what can't be written down waits for `saveUnsaved`. */
  async #save(renewal: Renewal): Promise<void> {
    this.#unsaved.set(renewal.certificate, renewal);
    await this.#write(renewal).catch(() => undefined);
  }

  async #write(renewal: Renewal): Promise<void> {
    const { store, clock } = this.#context;
    await store.renewals.save(renewal, clock.now());
    this.#unsaved.delete(renewal.certificate);
  }

  /** A refusal, or an error of our own, as a value; undefined where the work was done. */
  async #problemOf(
    { name }: Authority,
    work: () => Promise<void>,
  ): Promise<AuthorityProblem | undefined> {
    try {
      await work();
      return undefined;
    } catch (error) {
      this.#signal.throwIfAborted();
      if (error instanceof AuthorityProblem) return error;
      const detail = errorText(error);
      return new AuthorityProblem({ kind: 'internal', authority: name, detail, cause: error });
    }
  }
}

/** RFC 9773 §4.1: 404 and its like are about the certificate that was asked for, whatever the page says. */
function isAboutAll({ kind, status }: AuthorityProblem): boolean {
  if (status !== undefined && status >= 400 && status < 500 && status !== 429) return false;
  return isGeneral(kind);
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
