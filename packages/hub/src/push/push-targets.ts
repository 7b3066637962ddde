import { randomUUID } from 'node:crypto';
import type { Clock } from '@sixhub/base';
import type { AgentName, CertificateName } from '@sixhub/protocol';
import { mayBeGiven } from '../agents/key-places.js';
import type { PushPlace, PushSettings, PushTarget } from '../domain/push-target.js';
import { noCertificate, Refusal } from '../domain/refusal.js';
import type { Store } from '../store/store.js';

export interface NewPushTarget {
  readonly name: AgentName;
  readonly grants: readonly CertificateName[];
  readonly place: PushPlace;
  readonly settings: PushSettings;
}

/** A target that was added gets time for its line of authorized_keys, before it is complained about. */
const firstLookMs = 600_000;

const secretName = (agentId: string): string => `push-key:${agentId}`;

/** Hosts that the hub pushes to: each has a key of its own, which is sealed in the store and never leaves the hub. */
export class PushTargets {
  readonly #store: Store;
  readonly #clock: Clock;

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  all(): Promise<readonly PushTarget[]> {
    return this.#store.pushTargets.all();
  }

  async find(name: AgentName): Promise<PushTarget> {
    const found = (await this.all()).find((target) => target.name === name);
    if (found !== undefined) return found;
    throw new Refusal(
      'unknown',
      'no-push-target',
      `nothing is pushed to ${name}`,
      'See `hub push list`; a new one is made by `hub push add NAME USER@HOST`.',
    );
  }

  async add({ name, grants, place, settings }: NewPushTarget, actor: string): Promise<PushTarget> {
    const { agents, audit, certificates, pushTargets, secrets } = this.#store;
    for (const certificate of grants) {
      if ((await certificates.find(certificate)) === undefined) throw noCertificate(certificate);
      await mustHaveKey(certificate, name, this.#store);
    }
    if ((await agents.find(name)) !== undefined) {
      throw new Refusal(
        'conflict',
        'agent-exists',
        `there is an agent ${name} already`,
        `Choose another name, or remove that one first: hub agent remove ${name}`,
      );
    }
    const id = randomUUID();
    const now = this.#clock.now();
    const { default: ssh2 } = await import('ssh2');
    const pair = ssh2.utils.generateKeyPairSync('ed25519', { comment: `sixhub-push-${name}` });
    await secrets.create(secretName(id), pair.public, pair.private);
    await agents.create({ id, name, createdAt: now });
    await pushTargets.create(
      { agentId: id, place, settings },
      new Date(now.getTime() + firstLookMs),
    );
    for (const certificate of grants) await agents.grant(id, certificate, now);
    await agents.setStatus(id, 'active', now);
    const detail = `${place.user}@${place.host}:${place.port} ${grants.join(' ')}`;
    await audit.append({ actor, action: 'push.add', object: name, detail });
    return this.find(name);
  }

  /** Its public key, for authorized_keys. */
  async publicKey({ agentId }: PushTarget): Promise<string> {
    return (await this.#key(agentId)).publicPart;
  }

  async privateKey({ agentId }: PushTarget): Promise<string> {
    return (await this.#key(agentId)).secret;
  }

  /** The host was set up anew, and somebody has seen that it is itself. */
  async trust(name: AgentName, hostKey: string, actor: string): Promise<PushTarget> {
    const { agentId } = await this.find(name);
    await this.#store.pushTargets.saveHostKey(agentId, hostKey, this.#clock.now());
    await this.#store.audit.append({ actor, action: 'push.trust', object: name, detail: hostKey });
    return this.find(name);
  }

  /** Keys of targets whose agent was removed: worth nothing here from that moment on, and gone with this. */
  async forgetRemoved(): Promise<void> {
    for (const agentId of await this.#store.pushTargets.left()) {
      await this.#store.secrets.remove(secretName(agentId));
      await this.#store.pushTargets.forget(agentId);
    }
  }

  async #key(agentId: string): Promise<{ readonly publicPart: string; readonly secret: string }> {
    const found = await this.#store.secrets.find(secretName(agentId));
    if (found !== undefined) return found;
    throw new Refusal(
      'conflict',
      'push-key-missing',
      'the key for this target is not in the database any more',
      'Remove the target and add it again: hub agent remove NAME, then hub push add.',
    );
  }
}

/** The hub can bring no key that it does not have. */
async function mustHaveKey(
  certificate: CertificateName,
  name: AgentName,
  store: Store,
): Promise<void> {
  try {
    await mayBeGiven(certificate, name, store);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new Refusal(
      error.reason,
      error.code,
      error.message,
      `A certificate whose key the hub makes: hub issue DOMAIN --as ${certificate}-${name}, then hub push add ${name} … --cert ${certificate}-${name}.`,
    );
  }
}
