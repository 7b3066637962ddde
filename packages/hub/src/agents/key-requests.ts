import { X509Certificate } from 'node:crypto';
import { kindOfKey } from '@sixhub/acme';
import { formatDuration, type Clock } from '@sixhub/base';
import type { KeyRequest, LostKey } from '@sixhub/protocol';
import type { Agent } from '../domain/agent.js';
import type { Version } from '../domain/certificate.js';
import { isFinished, type Issuance, type Step } from '../domain/issuance.js';
import { Refusal } from '../domain/refusal.js';
import { isCompromised } from '../issuance/certificate-key.js';
import { wishOf, type IssuanceRunner } from '../issuance/runner.js';
import { publicKeyOfRequest, readSigningRequest } from '../issuance/signing-request.js';
import { publicKeyOfCertificate } from '../store/public-key.js';
import type { Store } from '../store/store.js';

interface KeyRequestsOptions {
  readonly store: Store;
  readonly runner: Pick<IssuanceRunner, 'renew' | 'woken'>;
  readonly clock: Clock;
}

/** A key that is lost again so soon after its version was made is lost for a reason, which a new one does not mend. */
const lostAgainMs = 86_400_000;

/** The audit log is what remembers it. */
const lostAction = 'key.lost';

/** For one version. */
const mostKeys = 5;

/**
 * Keys that agents make and keep: what is wanted of an agent, the request that it answers with, and that a key is gone.
 * The private key is in none of these, and never comes here.
 */
export class KeyRequests {
  readonly #options: KeyRequestsOptions;

  constructor(options: KeyRequestsOptions) {
    this.#options = options;
  }

  /** What the agent is to make keys for; each object is checked against its grants. */
  async of(agent: Agent): Promise<readonly KeyRequest[]> {
    const issuances = await this.#options.store.issuances.unfinishedOn(agent.name);
    return Promise.all(
      issuances
        .filter(({ certificate }) => agent.grants.includes(certificate))
        .map(async (issuance) => ({
          id: issuance.id,
          certificate: issuance.certificate,
          names: [...issuance.names],
          key: issuance.keyKind,
          keep: (await this.#kept(issuance)) ?? null,
          answered: issuance.request === undefined ? null : publicKeyOfRequest(issuance.request),
        })),
    );
  }

  /** The same key again changes nothing; another one, of a machine that lost the first, takes its place. */
  async answer(agent: Agent, id: string, csr: string): Promise<void> {
    const { store, runner, clock } = this.#options;
    const issuance = await store.issuances.find(id);
    if (
      issuance === undefined ||
      isFinished(issuance.stage) ||
      issuance.keyOn !== agent.name ||
      !agent.grants.includes(issuance.certificate)
    ) {
      throw new Refusal(
        'unknown',
        'no-request',
        `no key is wanted of ${agent.name} under ${id}, or not any more`,
        'Nothing to do: the next run asks what is wanted.',
      );
    }
    const { certificate } = issuance;
    const read = await readSigningRequest(csr, issuance);
    if (read.kind === 'unsound') return this.#refuse(agent, issuance, 'bad-csr', read.why);
    const known = issuance.request && publicKeyOfRequest(issuance.request);
    if (known === read.publicKey) return;
    if (await isCompromised(read.publicKey, store.certificates)) {
      return this.#refuse(agent, issuance, 'key-compromised', 'its key was revoked as compromised');
    }
    const taken = await this.#takenBy(issuance, read.publicKey);
    if (taken !== undefined) return this.#refuse(agent, issuance, 'key-in-use', taken);
    if (known !== undefined) await this.#mayChange(agent, issuance);
    await store.issuances.saveRequest(id, clock.now(), read, {
      kind: 'key-made',
      agent: agent.name,
    });
    runner.woken(id);
    await store.audit.append({
      actor: `agent:${agent.name}`,
      action: 'request.answered',
      object: certificate,
      detail: read.publicKey,
    });
  }

  /** A new version with a new key, as far as the authority's limits go; the planner of it is the issuance's own. */
  async lost(agent: Agent, { certificate: name, version: id }: LostKey): Promise<void> {
    const { store, runner } = this.#options;
    const certificate = agent.grants.includes(name)
      ? await store.certificates.find(name)
      : undefined;
    const [version, before] =
      certificate === undefined ? [] : await store.certificates.versions(name);
    if (certificate === undefined || version?.id !== id || version.keyOn !== agent.name) {
      throw new Refusal(
        'unknown',
        'no-request',
        `${agent.name} has made no key for version ${id} of ${name}, or a newer version is there`,
        'Nothing to do: the next run asks what is wanted.',
      );
    }
    if (version.revoked !== undefined) {
      throw new Refusal(
        'unknown',
        'no-request',
        `version ${id} of ${name} is revoked, and given to nobody`,
        `Nothing to do here: where another one is wanted, the hub makes it, or \`hub issue\` on the hub.`,
      );
    }
    if ((await store.issuances.unfinishedOf(name)) !== undefined) return;
    await this.#mayLose(agent, version, before);
    await runner.renew(wishOf(certificate));
    await store.audit.append({
      actor: `agent:${agent.name}`,
      action: lostAction,
      object: name,
      detail: id,
    });
  }

  /** Once a day by itself; and not where the version before had just been made, for whatever reason. */
  async #mayLose(agent: Agent, version: Version, before: Version | undefined): Promise<void> {
    const { store, clock } = this.#options;
    const { certificate: name, issuedAt } = version;
    const now = clock.now().getTime();
    const [lost] = await store.audit.read({ object: name, action: lostAction, limit: 1 });
    const isYoung =
      before !== undefined && issuedAt.getTime() - before.issuedAt.getTime() < lostAgainMs;
    const since = Math.max(
      lost === undefined ? -Infinity : Date.parse(lost.at),
      isYoung ? issuedAt.getTime() : -Infinity,
    );
    if (now - since >= lostAgainMs) return;
    const age = formatDuration(Math.max(1_000, now - issuedAt.getTime()));
    throw new Refusal(
      'too-many',
      'key-lost-again',
      `the key of ${name} was made ${age} ago and is lost already, as the one before it`,
      `See why the disk of ${agent.name} forgets; then, on the hub: hub renew ${name}`,
      Math.ceil((since + lostAgainMs - now) / 1_000),
    );
  }

  /** Each change may cost an order: who loses one key after the other gets a version of the last. */
  async #mayChange(agent: Agent, { id, certificate }: Issuance): Promise<void> {
    const steps = await this.#options.store.issuances.steps(id, 0);
    if (steps.filter(({ step }) => step.kind === 'key-made').length < mostKeys) return;
    throw new Refusal(
      'too-many',
      'key-lost-again',
      `${agent.name} has made ${mostKeys} keys for one version of ${certificate} already`,
      `See why the disk of ${agent.name} forgets.`,
    );
  }

  /** The public key to go on with, where renewals keep it and the agent has it. */
  async #kept(issuance: Issuance): Promise<string | undefined> {
    const { certificates } = this.#options.store;
    if (!issuance.reuseKey) return undefined;
    const last = await certificates.newest(issuance.certificate);
    if (last === undefined || last.keyOn !== issuance.keyOn) return undefined;
    if (kindOfKey(new X509Certificate(last.leaf).publicKey) !== issuance.keyKind) return undefined;
    const key = publicKeyOfCertificate(last.leaf);
    return (await isCompromised(key, certificates)) ? undefined : key;
  }

  /** One key, one certificate on one machine; where it is kept, through its versions. */
  async #takenBy(issuance: Issuance, publicKey: string): Promise<string | undefined> {
    const { certificates, issuances } = this.#options.store;
    const { id, certificate, keyOn, reuseKey } = issuance;
    const users = [
      ...(await certificates.withKey(publicKey)),
      ...(await issuances.withRequestKey(publicKey)).filter((other) => other.id !== id),
    ];
    const other = users.find((user) => user.certificate !== certificate || user.keyOn !== keyOn);
    if (other !== undefined) return `its key is the one of ${other.certificate}`;
    return users.length > 0 && !reuseKey
      ? 'its key is the one of a version before, and a new one is wanted'
      : undefined;
  }

  async #refuse(
    agent: Agent,
    { id, certificate }: Issuance,
    code: string,
    why: string,
  ): Promise<never> {
    const { store, runner, clock } = this.#options;
    const fact = `the request of ${agent.name} for ${certificate} was refused: ${why}`;
    const step: Step = { kind: 'key-refused', agent: agent.name, fact };
    const last = await store.issuances.newestStep(id);
    // Once: it may be the same at each of its runs.
    if (last?.kind !== 'key-refused' || last.fact !== fact) {
      await store.issuances.addStep(id, clock.now(), step);
      runner.woken(id);
    }
    await store.audit.append({
      actor: `agent:${agent.name}`,
      action: 'request.refused',
      object: certificate,
      detail: code,
    });
    throw new Refusal(
      'unprocessable',
      code,
      fact,
      `Update hub-agent on ${agent.name}; its next run makes another key.`,
    );
  }
}
