import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { PublicKey } from '@peculiar/x509';
import type { Clock } from '@sixhub/base';
import {
  formatJoinToken,
  type AgentName,
  type CertificateName,
  type EnrolRequest,
  type Identity,
} from '@sixhub/protocol';
import type { HubCa } from '../ca/hub-ca.js';
import { readCsr } from '../ca/private-ca.js';
import { noAgent, noCertificate, Refusal } from '../domain/refusal.js';
import type { Agent } from '../domain/agent.js';
import type { Store } from '../store/store.js';
import { mayBeGiven, mayBeTaken } from './key-places.js';

const tokenLifeMs = 3_600_000;

export interface AgentsOptions {
  readonly store: Store;
  readonly ca: HubCa;
  readonly clock: Clock;
  /** Where agents reach the hub. */
  readonly addresses: readonly string[];
}

/** Who may be an agent, and what it may have. */
export class Agents {
  readonly ca: HubCa;
  readonly #options: AgentsOptions;

  constructor(options: AgentsOptions) {
    this.#options = options;
    this.ca = options.ca;
  }

  async find(name: AgentName): Promise<Agent> {
    const agent = await this.#options.store.agents.find(name);
    if (agent !== undefined) return agent;
    throw noAgent(name);
  }

  /** A new agent, or a new token for one that has not enrolled yet. */
  async invite(
    name: AgentName,
    grants: readonly CertificateName[],
    actor: string,
  ): Promise<{ agent: Agent; token: string; expiresAt: Date }> {
    const { store, ca, clock, addresses } = this.#options;
    for (const certificate of grants) {
      await this.#mustExist(certificate);
      await mayBeGiven(certificate, name, store);
    }
    const known = await store.agents.find(name);
    if (known?.status === 'active') {
      throw new Refusal(
        'conflict',
        'agent-exists',
        `the agent ${name} is enrolled already`,
        `Give it certificates with \`hub agent grant ${name} CERTIFICATE\`; to enrol it anew, \`hub agent remove ${name}\` first.`,
      );
    }
    const id = known?.id ?? randomUUID();
    if (known === undefined) await store.agents.create({ id, name, createdAt: clock.now() });
    for (const certificate of grants) await store.agents.grant(id, certificate, clock.now());
    const secret = randomBytes(32).toString('base64url');
    const expiresAt = new Date(clock.now().getTime() + tokenLifeMs);
    await store.agents.saveToken(id, sha256(secret), expiresAt);
    await store.audit.append({
      actor,
      action: 'agent.add',
      object: name,
      detail: grants.join(' '),
    });
    const token = formatJoinToken({ hubs: [...addresses], caSha256: ca.serving.sha256, secret });
    return { agent: await this.find(name), token, expiresAt };
  }

  async grant(name: AgentName, certificate: CertificateName, actor: string): Promise<Agent> {
    const { store, clock } = this.#options;
    const agent = await this.find(name);
    await this.#mustExist(certificate);
    await mayBeGiven(certificate, name, store);
    await store.agents.grant(agent.id, certificate, clock.now());
    await store.audit.append({ actor, action: 'agent.grant', object: name, detail: certificate });
    return this.find(name);
  }

  async ungrant(name: AgentName, certificate: CertificateName, actor: string): Promise<Agent> {
    const { store } = this.#options;
    const agent = await this.find(name);
    await mayBeTaken(certificate, name, store);
    await store.agents.ungrant(agent.id, certificate);
    await store.audit.append({ actor, action: 'agent.ungrant', object: name, detail: certificate });
    return this.find(name);
  }

  async remove(name: AgentName, actor: string): Promise<void> {
    const { store, clock } = this.#options;
    const agent = await this.find(name);
    await store.agents.setStatus(agent.id, 'removed', clock.now());
    await store.audit.append({ actor, action: 'agent.remove', object: name });
  }

  /**
   * The one-time token's secret for a client certificate. The same public key may ask again within the hour,
   * so that a lost answer burns nothing; another key may not.
   */
  async enrol(request: EnrolRequest, address: string): Promise<Identity> {
    const { store, ca, clock } = this.#options;
    const hash = sha256(request.secret);
    const token = await store.agents.token(hash);
    const agent = token && (await store.agents.byId(token.agentId));
    const note = (code: string): Promise<void> =>
      store.audit.append({
        actor: address,
        action: 'agent.enrol-refused',
        object: agent?.name ?? 'unknown',
        detail: code,
      });
    const refuse = async (code: string, detail: string): Promise<never> => {
      await note(code);
      throw new Refusal(
        'forbidden',
        code,
        detail,
        agent?.status === 'active'
          ? `If that was not you, on the hub: hub agent remove ${agent.name}, then hub agent add ${agent.name}.`
          : `Make a new token on the hub: hub agent add ${agent?.name ?? 'NAME'}`,
      );
    };
    if (token === undefined || agent === undefined || agent.status === 'removed') {
      return refuse(
        'token-unknown',
        'this join token is not known; a newer one may have replaced it',
      );
    }
    if (token.expiresAt <= clock.now()) {
      return refuse('token-expired', `this join token expired at ${token.expiresAt.toISOString()}`);
    }
    const publicKey = await readCsr(request.csr);
    if (publicKey === undefined) {
      await note('bad-csr');
      throw badCsr();
    }
    const keyHash = sha256(Buffer.from(publicKey.rawData));
    if (!(await store.agents.useToken(hash, keyHash))) {
      return refuse('token-used', 'this join token was used already, by another key');
    }
    const { serving } = ca;
    const certificate = await serving.issueClient(agent, publicKey);
    if (!(await store.agents.setStatus(agent.id, 'active', clock.now()))) {
      return refuse('token-unknown', 'this agent was removed meanwhile');
    }
    await store.agents.seen(agent.id, clock.now()); // it was here: not silent before its first run
    await store.audit.append({
      actor: address,
      action: 'agent.enrol',
      object: agent.name,
      detail: keyHash,
    });
    return { agent: agent.name, certificate, ca: serving.certificate };
  }

  /** A new client certificate, asked for with a valid one. */
  async renewIdentity(agent: Agent, csr: string, trusted?: string): Promise<Identity> {
    const { store, ca } = this.#options;
    const publicKey = await requestedKey(csr);
    const certificate = await ca.issueClient(agent, publicKey, trusted);
    await store.audit.append({
      actor: `agent:${agent.name}`,
      action: 'agent.identity',
      object: agent.name,
    });
    return { agent: agent.name, certificate, ca: ca.serving.certificate };
  }

  async #mustExist(certificate: CertificateName): Promise<void> {
    if ((await this.#options.store.certificates.find(certificate)) === undefined) {
      throw noCertificate(certificate);
    }
  }
}

/** All that is taken from a request: its public key, proven to be the sender's. */
async function requestedKey(csr: string): Promise<PublicKey> {
  const publicKey = await readCsr(csr);
  if (publicKey !== undefined) return publicKey;
  throw badCsr();
}

function badCsr(): Refusal {
  return new Refusal(
    'invalid',
    'bad-csr',
    'the certificate request is not valid PKCS#10',
    'Update the agent.',
  );
}

function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
