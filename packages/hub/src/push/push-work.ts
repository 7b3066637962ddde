import { errorText, SixhubError, type Clock } from '@sixhub/base';
import type { AgentName, DeploymentReport } from '@sixhub/protocol';
import type { SeeOnWire } from '@sixhub/wire';
import { mergeServices } from '../domain/agent.js';
import { dailyMs, pushRetryMs, type PushState, type PushTarget } from '../domain/push-target.js';
import { Refusal } from '../domain/refusal.js';
import type { Log } from '../ports.js';
import { Turns } from '../renewal/turns.js';
import type { WantedOfTarget } from '../store/push-targets.js';
import type { Store } from '../store/store.js';
import { looksAt } from './looks.js';
import { lookOnly, pushCertificate } from './push-certificate.js';
import type { PushJob } from './push-job.js';
import { notInstalled } from './push-report.js';
import type { PushTargets } from './push-targets.js';

export interface PushWorkParts {
  readonly store: Store;
  readonly targets: PushTargets;
  readonly see: SeeOnWire;
  readonly clock: Clock;
  readonly log: Log;
}

/** What came of one visit. */
export interface Visit {
  readonly reports: readonly DeploymentReport[];
  /** Why the host could not be come to, or not dealt with. */
  readonly trouble:
    { readonly fact: string; readonly hint: string; readonly exit: number } | undefined;
}

const graceMs = 30_000;
/** A host that takes its time keeps no other from its certificate. */
const atOnce = 8;

/**
 * Pushes each new version by itself, and again after 1, 10 and 100 minutes and daily where it is not served; and visits
 * each host once a day, so that a key that is not taken any more is known before a certificate is due.
 */
export class PushWork {
  readonly #parts: PushWorkParts;
  /** One visit a target, whoever asks. */
  readonly #visits = new Map<string, Promise<Visit>>();
  readonly #turns: Turns;
  readonly #following: Disposable;

  constructor(parts: PushWorkParts) {
    this.#parts = parts;
    this.#turns = new Turns(
      (signal) => this.#tick(signal),
      (error) => parts.log.error({ error: errorText(error) }, 'looking after push targets failed'),
    );
    this.#following = parts.store.manifestChanges.follow(() => void this.tick());
  }

  tick(): Promise<void> {
    return this.#turns.take();
  }

  async stop(): Promise<void> {
    this.#following[Symbol.dispose]();
    await this.#turns.stop();
    await Promise.allSettled(this.#visits.values());
  }

  /** At once, whatever was planned; one that is under way is waited for. */
  async runNow(name: AgentName): Promise<Visit> {
    const target = await this.#parts.targets.find(name);
    return this.#visit(target, this.#turns.signal);
  }

  /** Does not wait for the visits that it begins: the next tick finds them under way. */
  async #tick(signal: AbortSignal): Promise<void> {
    const { targets, store, clock, log } = this.#parts;
    await targets.forgetRemoved();
    const all = await targets.all();
    if (all.length === 0) return;
    const wanted = await store.pushTargets.wanted();
    for (const target of all) {
      if (this.#visits.size >= atOnce || signal.aborted) return;
      if (
        this.#visits.has(target.agentId) ||
        !isDue(target, wanted.get(target.agentId), clock.now())
      )
        continue;
      this.#visit(target, signal).then(
        () => void this.tick(),
        (error: unknown) => {
          if (signal.aborted) return;
          log.error({ target: target.name, error: errorText(error) }, 'a push ended badly');
        },
      );
    }
  }

  #visit(target: PushTarget, signal: AbortSignal): Promise<Visit> {
    const under = this.#visits.get(target.agentId);
    if (under !== undefined) return under;
    const visit = this.#carryOut(target, signal).finally(() => this.#visits.delete(target.agentId));
    this.#visits.set(target.agentId, visit);
    return visit;
  }

  async #carryOut(target: PushTarget, signal: AbortSignal): Promise<Visit> {
    const { store, clock, log } = this.#parts;
    const wanted = await store.pushTargets.wanted();
    const { jobs, keyless } = await this.#jobs(target);
    const intents = new Map(Object.entries(target.work.intents));
    const visit = await this.#visitHost(target, { jobs, intents, signal });
    const reports = [...visit.reports, ...keyless];
    for (const report of reports) await this.#save(target, report);
    const fact = visit.trouble?.fact ?? firstTrouble(reports);
    const failures = fact === '' ? 0 : target.work.failures + 1;
    const now = clock.now();
    const state: PushState = {
      dueAt: new Date(now.getTime() + (failures === 0 ? dailyMs : pushRetryMs(failures))),
      tried: triedOf(target, wanted.get(target.agentId)),
      ...{ failures, fact, triedAt: now, intents: Object.fromEntries(intents) },
    };
    await store.pushTargets.saveState(target.agentId, state);
    const about = { target: target.name, host: target.place.host };
    if (fact === '') log.info(about, 'pushed to, and served there');
    else log.warn({ ...about, again: state.dueAt.toISOString() }, `push: ${fact}`);
    return { ...visit, reports };
  }

  async #visitHost(
    target: PushTarget,
    {
      jobs,
      intents,
      signal,
    }: {
      readonly jobs: readonly PushJob[];
      readonly intents: Map<string, readonly string[]>;
      readonly signal: AbortSignal;
    },
  ): Promise<Visit> {
    const { store, targets, see, clock, log } = this.#parts;
    const reports: DeploymentReport[] = [];
    let left = jobs;
    try {
      const { openHost } = await import('./open-host.js'); // ssh2: of no use to a hub that pushes nowhere
      await using host = await openHost(target, await targets.privateKey(target), signal);
      await store.agents.seen(target.agentId, clock.now());
      for (const job of jobs) {
        const report = await pushCertificate(
          { ...job, voters: intents.get(job.name) },
          {
            ...{ host, see, clock, signal, graceMs },
            allow: () => this.#allow(target, job),
            intend: async (name, voters) => {
              if (voters === undefined ? !intents.delete(name) : false) return;
              if (voters !== undefined) intents.set(name, voters);
              await store.pushTargets.saveIntents(target.agentId, Object.fromEntries(intents));
            },
          },
        );
        reports.push(report);
        left = left.filter((one) => one !== job);
      }
      return { reports, trouble: undefined };
    } catch (error) {
      if (signal.aborted) throw error; // the next start finds what was begun
      const known = error instanceof SixhubError || error instanceof Refusal;
      if (!known)
        log.error({ target: target.name, error: errorText(error) }, 'a push met a defect');
      const fact = error instanceof SixhubError ? error.fact : errorText(error);
      const hint = known ? error.hint : 'See the log of the hub: journalctl -u sixhub.';
      for (const job of left) {
        const before = await store.agents.deployment(target.agentId, job.name);
        const was = before?.installed === true && before.version === job.version.id;
        const isBegun = intents.has(job.name);
        reports.push(await lookOnly(job, { see, clock }, fact, was && !isBegun));
      }
      const exit = error instanceof SixhubError ? error.exit : 1;
      return { reports, trouble: { fact, hint, exit } };
    }
  }

  /** What it may have by now, and that it stands in the audit log, before a key leaves the hub. */
  async #allow(target: PushTarget, { name, version }: PushJob): Promise<void> {
    const { store } = this.#parts;
    const agent = await store.agents.byId(target.agentId);
    if (agent?.status !== 'active' || !agent.grants.includes(name)) {
      throw new Refusal(
        'forbidden',
        'no-grant',
        `${target.name} may not have ${name} any more`,
        `On the hub: hub agent grant ${target.name} ${name}`,
      );
    }
    await store.audit.append({
      ...{ actor: 'hub', action: 'bundle.pushed', object: name },
      detail: `${version.id} to ${target.name}`,
    });
  }

  async #jobs(target: PushTarget): Promise<{
    readonly jobs: readonly PushJob[];
    /** What can't be brought, and why. */
    readonly keyless: readonly DeploymentReport[];
  }> {
    const { store, clock } = this.#parts;
    const namesOf = new Map<string, readonly string[]>();
    for (const name of target.grants) {
      const certificate = await store.certificates.find(name);
      if (certificate !== undefined) namesOf.set(name, certificate.names);
    }
    const jobs: PushJob[] = [];
    const keyless: DeploymentReport[] = [];
    for (const name of target.grants) {
      const version = (await store.wantedVersions.of(target.agentId, name))?.version;
      // A revoked version is given to nobody.
      if (version === undefined || version.revoked !== undefined) continue;
      const looks = looksAt(target.settings, name, namesOf);
      const key = await store.certificates.privateKey(version.id);
      if (key === undefined) {
        const why = keyIsElsewhere(version);
        keyless.push(notInstalled({ name, version }, why, [], clock.now()));
        continue;
      }
      jobs.push({
        ...{ name, version, looks, voters: undefined },
        bundle: { leaf: version.leaf, chain: version.chain, key },
        revoked: await store.certificates.revokedFingerprints(name, clock.now()),
      });
    }
    return { jobs, keyless };
  }

  /** As an agent's report is taken. */
  async #save(
    { agentId, name: agent }: PushTarget,
    { certificate, version, installed, detail, services }: DeploymentReport,
  ): Promise<void> {
    const { agents } = this.#parts.store;
    const before = await agents.deployment(agentId, certificate);
    await agents.saveDeployment(agentId, {
      ...{ agent, certificate, version, installed, detail },
      services: mergeServices(services, version, before),
      reportedAt: this.#parts.clock.now(),
    });
  }
}

function triedOf(
  { grants }: PushTarget,
  wanted: WantedOfTarget | undefined,
): Readonly<Record<string, string>> {
  return Object.fromEntries(grants.map((name) => [name, wanted?.get(name) ?? '']));
}

function keyIsElsewhere({ keyOn }: PushJob['version']): string {
  return keyOn === undefined
    ? 'its private key is not in the database of the hub'
    : `its private key is on ${keyOn} and never leaves it: a host that is pushed to needs a certificate whose key the hub makes`;
}

function isDue(target: PushTarget, wanted: WantedOfTarget | undefined, now: Date): boolean {
  if (target.work.dueAt <= now) return true;
  // Before its first visit it gets the time that it was given; a line for authorized_keys has to be put there first.
  if (target.work.triedAt === undefined) return false;
  return target.grants.some(
    (name) => (wanted?.get(name) ?? '') !== (target.work.tried[name] ?? ''),
  );
}

function firstTrouble(reports: readonly DeploymentReport[]): string {
  for (const { certificate, installed, detail, services } of reports) {
    if (!installed) return `${certificate}: ${detail}`;
    const sick = services.find(({ state }) => state !== 'serving');
    if (sick !== undefined) return `${certificate}: ${sick.service}: ${sick.detail}`;
  }
  return '';
}
