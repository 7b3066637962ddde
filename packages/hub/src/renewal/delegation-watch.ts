import { errorText, formatDuration, type Clock } from '@sixhub/base';
import { judgeDelegation } from '../domain/delegation.js';
import { afterRevocation } from '../domain/certificate.js';
import { challengeDomain, parseDnsName, type DnsName } from '../domain/dns-name.js';
import { afterLook, postponed, type Watch } from '../domain/watch.js';
import { Gate } from '../issuance/gate.js';
import type { DelegationLookup, Log } from '../ports.js';
import type { WatchedDelegation } from '../store/delegations.js';
import type { Store } from '../store/store.js';
import { Turns } from './turns.js';

export interface DelegationWatchOptions {
  readonly store: Store;
  readonly lookup: DelegationLookup;
  readonly clock: Clock;
  readonly log: Log;
  /** In [0, 1). */
  readonly random: () => number;
}

/** So many are looked at in a tick, and so many of them at once; what is left over is found by the next. */
const batch = 200;
const lookedAtOnce = 16;

/** Looks after the delegations that certificates in use need, and tells of one that is gone long before a renewal fails. */
export class DelegationWatch {
  readonly #options: DelegationWatchOptions;
  readonly #turns = new Turns(
    (signal) => this.#tick(signal),
    (error) =>
      this.#options.log.error({ error: errorText(error) }, 'looking after the delegations failed'),
  );

  constructor(options: DelegationWatchOptions) {
    this.#options = options;
  }

  tick(): Promise<void> {
    return this.#turns.take();
  }

  stop(): Promise<void> {
    return this.#turns.stop();
  }

  async #tick(signal: AbortSignal): Promise<void> {
    const { store, clock } = this.#options;
    const gate = new Gate(lookedAtOnce);
    const due = await store.delegations.dueLooks(clock.now(), batch);
    await Promise.all(due.map((delegation) => gate.pass(() => this.#look(delegation, signal))));
  }

  async #look({ domain, target, watch }: WatchedDelegation, signal: AbortSignal): Promise<void> {
    const { store, lookup, clock, random } = this.#options;
    const parsed = parseDnsName(domain);
    if (watch === undefined || parsed.kind !== 'name') return;
    // Nobody needs it any more; or the clock is wrong, so that nothing is given up.
    if (watch.until <= clock.now()) {
      return store.delegations.saveWatch(domain, postponed(watch, clock.now()));
    }
    const sightings = await lookup.look(parsed.name, target, signal);
    signal.throwIfAborted();
    const verdict = judgeDelegation(parsed.name, target, sightings);
    const look = afterLook(watch, verdict, clock.now(), random);
    if (look.news === 'gone' && !(await this.#isNeeded(parsed.name))) {
      return store.delegations.saveWatch(domain, postponed(watch, clock.now()));
    }
    await store.delegations.saveWatch(domain, look.watch);
    if (look.news !== undefined) await this.#tell(domain, target, look.watch, look.news);
  }

  /** By a certificate that will be renewed: one that was revoked to end needs nothing any more. */
  async #isNeeded(domain: DnsName): Promise<boolean> {
    const { certificates } = this.#options.store;
    for (const { name, names } of await certificates.list()) {
      if (!names.map(challengeDomain).includes(domain)) continue;
      const revoked = (await certificates.newest(name))?.revoked;
      if (revoked === undefined || afterRevocation[revoked.reason] === 'replace') return true;
    }
    return false;
  }

  async #tell(domain: string, target: string, watch: Watch, news: 'gone' | 'back'): Promise<void> {
    const { store, clock, log } = this.#options;
    const { since, seen, until } = watch;
    if (news === 'back') {
      log.info({ domain, target }, `the CNAME of ${domain} is there again`);
    } else {
      const left = formatDuration(until.getTime() - clock.now().getTime());
      log.warn(
        { domain, target, seen, since, until },
        `the CNAME of ${domain} is gone: no renewal can be validated without it, and what needs it ends in ${left}; \`hub doctor ${domain}\` says what to do`,
      );
    }
    const action = `delegation.${news}`;
    await store.audit.append({ actor: 'hub', action, object: domain, detail: seen });
  }
}
