import { errorText, type Clock } from '@sixhub/base';
import type { CertificateName } from '@sixhub/protocol';
import { awayBefore, endsSoon, nextStep, type Rollout } from '../domain/rollout.js';
import { Refusal } from '../domain/refusal.js';
import type { Log } from '../ports.js';
import { Turns } from '../renewal/turns.js';
import type { RolloutCensus } from '../store/rollout-agents.js';
import type { Store } from '../store/store.js';

export interface RolloutsOptions {
  readonly store: Store;
  /** `agent_silent` of hub.toml. */
  readonly silentAfterMs: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** Reports that come together are looked at together: a look reads all agents of the certificate. */
const settleMs = 200;

/** Takes rollouts on: by the schedule, and soon after something was reported or stored. Where they are stands in the store alone. */
export class Rollouts {
  readonly #options: RolloutsOptions;
  readonly #awakeSince: Date;
  readonly #turns = new Turns(
    (signal) => this.#look(signal),
    (error) =>
      this.#options.log.error({ error: errorText(error) }, 'looking after the rollouts failed'),
  );
  #soon: NodeJS.Timeout | undefined;

  constructor(options: RolloutsOptions) {
    this.#options = options;
    this.#awakeSince = options.clock.now();
  }

  tick(): Promise<void> {
    return this.#turns.take();
  }

  /** Something has changed. */
  heard(): void {
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined;
      void this.tick();
    }, settleMs).unref();
  }

  census(rollout: Rollout): Promise<RolloutCensus> {
    const { store, silentAfterMs } = this.#options;
    return store.rolloutAgents.census(rollout, awayBefore(rollout, silentAfterMs));
  }

  stop(): Promise<void> {
    clearTimeout(this.#soon);
    return this.#turns.stop();
  }

  /** By a person's word: goes on, although these have not proven it. */
  async continue(name: CertificateName, actor: string): Promise<void> {
    const rollout = await this.#must(name, ['stopped'], 'is not stopped');
    await this.#mustBeGood(rollout);
    const { store, clock } = this.#options;
    await store.rollouts.accept(rollout.version);
    await store.rollouts.change(rollout.version, ['stopped'], {
      ...{ state: 'running', because: '', at: clock.now() },
    });
    await this.#note(actor, 'rollout.continue', rollout);
  }

  async halt(name: CertificateName, actor: string): Promise<void> {
    const rollout = await this.#must(name, ['running'], 'is not running');
    await this.#change(rollout, 'stopped', actor, 'rollout.stop');
  }

  /** All get the version before again. */
  async back(name: CertificateName, actor: string): Promise<void> {
    const rollout = await this.#must(name, ['running', 'stopped'], 'is not under way');
    const base = await this.#options.store.certificates.version(rollout.base);
    if (base === undefined || endsSoon(base, this.#options.clock.now())) {
      throw new Refusal(
        'conflict',
        'version-ends-soon',
        `the version of ${name} before ends soon, so that it is given to nobody`,
        `\`hub renew ${name}\` makes another; \`hub rollout ${name} --continue\` goes on with this one.`,
      );
    }
    await this.#change(rollout, 'back', actor, 'rollout.back');
  }

  /** The newest version to all that wait, now. */
  async toAll(name: CertificateName, actor: string): Promise<void> {
    const rollout = await this.#must(name, ['running', 'stopped', 'back'], 'is done');
    await this.#mustBeGood(rollout);
    await this.#change(rollout, 'done', actor, 'rollout.all');
  }

  async #change(
    rollout: Rollout,
    state: 'stopped' | 'back' | 'done',
    actor: string,
    action: string,
  ): Promise<void> {
    const { store, clock } = this.#options;
    const at = clock.now();
    await store.rollouts.change(rollout.version, ['running', 'stopped', 'back'], {
      ...{ state, because: 'asked', at },
    });
    await this.#note(actor, action, rollout);
  }

  async #must(
    name: CertificateName,
    states: readonly Rollout['state'][],
    otherwise: string,
  ): Promise<Rollout> {
    const rollout = await this.#options.store.rollouts.of(name);
    if (rollout !== undefined && states.includes(rollout.state)) return rollout;
    throw new Refusal(
      'conflict',
      'no-rollout',
      rollout === undefined
        ? `the newest version of ${name} went to all agents at once`
        : `the rollout of ${name} ${otherwise}`,
      `\`hub rollout ${name}\` shows how it stands; \`hub rollout ${name} --batch N\` begins one.`,
    );
  }

  /** A revoked version is given to nobody: all that keep the one before would have none. */
  async #mustBeGood({ certificate, version }: Rollout): Promise<void> {
    if (!(await this.#isRevoked(version))) return;
    throw new Refusal(
      'conflict',
      'version-revoked',
      `the version of ${certificate} that was rolled out is revoked`,
      `\`hub renew ${certificate}\` makes another.`,
    );
  }

  async #isRevoked(version: string): Promise<boolean> {
    return (await this.#options.store.certificates.version(version))?.revoked !== undefined;
  }

  async #look(signal: AbortSignal): Promise<void> {
    for (const rollout of await this.#options.store.rollouts.unfinished()) {
      if (signal.aborted) return;
      if (await this.#releaseInTime(rollout)) continue;
      if (rollout.state === 'running') await this.#advance(rollout.certificate);
    }
  }

  /** What is kept meanwhile must not end before anybody has looked; where the newest is revoked, it is all there is. */
  async #releaseInTime(rollout: Rollout): Promise<boolean> {
    const { store, clock, log } = this.#options;
    const now = clock.now();
    const base = await store.certificates.version(rollout.base);
    if (base !== undefined && !endsSoon(base, now)) return false;
    const { certificate, version } = rollout;
    if (await this.#isRevoked(version)) return false;
    log.warn(
      { certificate, version },
      'the version before ends soon: the newest goes to all agents at once, without the rest of its rollout',
    );
    await store.rollouts.change(version, ['running', 'stopped', 'back'], {
      ...{ state: 'done', because: 'base-ends-soon', at: now },
    });
    await this.#note('hub', 'rollout.ends-soon', rollout);
    return true;
  }

  async #advance(name: CertificateName): Promise<void> {
    const { store, silentAfterMs, clock, log } = this.#options;
    const rollout = await store.rollouts.of(name); // as it is now: a person may have stopped it
    if (rollout?.state !== 'running') return;
    const { version, batch } = rollout;
    const now = clock.now();
    const away = awayBefore(rollout, silentAfterMs);
    const progress = await store.rolloutAgents.progress(rollout, away);
    const step = nextStep(rollout, progress, { now, awakeSince: this.#awakeSince });
    switch (step.kind) {
      case 'wait':
        break;
      case 'give': {
        const given = await store.rolloutAgents.give(rollout, away, {
          ...{ batch: batch + 1, count: step.count, now },
        });
        log.info(
          { certificate: name, version, batch: batch + 1, agents: given },
          'the next batch of its rollout',
        );
        await this.#note('hub', 'rollout.batch', rollout, `${batch + 1}: ${given} agents`);
        break;
      }
      case 'stop':
        log.warn(
          { certificate: name, version, because: step.because, ...step.place },
          `its rollout stopped; see hub rollout ${name}`,
        );
        await store.rollouts.change(version, ['running'], {
          ...{ state: 'stopped', because: step.because, place: step.place, at: now },
        });
        await this.#note('hub', 'rollout.stopped', rollout, `${step.because} ${step.place.agent}`);
        break;
      case 'done':
        log.info({ certificate: name, version }, 'its rollout is done');
        await store.rollouts.change(version, ['running'], {
          ...{ state: 'done', because: 'proven', at: now },
        });
        await this.#note('hub', 'rollout.done', rollout);
        break;
      default:
        step satisfies never;
    }
  }

  async #note(actor: string, action: string, rollout: Rollout, detail = ''): Promise<void> {
    await this.#options.store.audit.append({
      ...{ actor, action, object: rollout.certificate },
      detail: [rollout.version, detail].join(' ').trim(),
    });
  }
}
