import { TLSSocket } from 'node:tls';
import { errorText, type Clock } from '@sixhub/base';
import { caHeader, enrolServerName, instanceHeader, parseInstance } from '@sixhub/protocol';
import type { FastifyRequest } from 'fastify';
import { PresenceWatch } from '../agents/presence-watch.js';
import type { Agent } from '../domain/agent.js';
import { readAgentProgram } from '../domain/agent-program.js';
import { Refusal } from '../domain/refusal.js';
import type { Log } from '../ports.js';
import type { Store } from '../store/store.js';

export interface CallersOptions {
  readonly store: Store;
  /** SHA-256 of the CAs that agents may trust. */
  readonly knownCas: () => readonly string[];
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Which agent a request is of, by its client certificate alone; what its headers say of the machine is noted, and lets
 * nobody in.
 */
export class AgentCallers {
  readonly #options: CallersOptions;
  readonly #presence: PresenceWatch;
  readonly #subjects = new WeakMap<TLSSocket, Subject>();
  readonly #refused = new Set<string>();

  constructor(options: CallersOptions) {
    this.#options = options;
    this.#presence = new PresenceWatch(options.store, options.clock, options.log);
  }

  async of(request: FastifyRequest): Promise<Agent> {
    const agent = await this.again(request);
    const { headers, ip } = request;
    await this.#presence.note(agent, parseInstance(headers[instanceHeader]), ip);
    await this.#noteTrust(agent, headers[caHeader]);
    await this.#noteProgram(agent, headers['user-agent']);
    return agent;
  }

  /**
   * Of a request that was held: whether it is still let in. What it said of its machine is minutes old, and of one that
   * was started anew meanwhile it would look like a second one.
   */
  async again({ raw, ip }: FastifyRequest): Promise<Agent> {
    const { socket } = raw;
    if (!(socket instanceof TLSSocket) || !socket.authorized || isToEnrol(socket)) {
      throw new Refusal(
        'unauthenticated',
        'no-client-certificate',
        'this needs a client certificate of this hub, from a CA that it still trusts',
        'Enrol the agent: `hub agent add NAME` on the hub, then `hub-agent enroll`, or `hub-agent enroll --again` where it was enrolled before.',
      );
    }
    const { id, name } = this.#subjectOf(socket);
    const agent = id === undefined ? undefined : await this.#options.store.agents.byId(id);
    if (agent?.status === 'active') return agent;
    if (agent !== undefined) await this.#noteRefused(agent, ip);
    throw new Refusal(
      'unauthenticated',
      'agent-removed',
      `the agent ${name} is not known here any more`,
      'Enrol it anew: `hub agent add NAME` on the hub, then `hub-agent enroll`.',
    );
  }

  /** A connection keeps its client certificate, and is read once. */
  #subjectOf(socket: TLSSocket): Subject {
    const known = this.#subjects.get(socket);
    if (known !== undefined) return known;
    const read = readSubject(socket);
    this.#subjects.set(socket, read);
    return read;
  }

  /** A machine goes on asking until somebody stops it: one line an agent, as long as this hub runs. */
  async #noteRefused({ id, name }: Agent, from: string): Promise<void> {
    if (this.#refused.has(id)) return;
    this.#refused.add(id);
    await this.#options.store.audit.append({ actor: from, action: 'agent.refused', object: name });
  }

  /** Only what is a CA of this hub; a word of an agent about itself alone. */
  async #noteTrust({ id, name, ca }: Agent, said: unknown): Promise<void> {
    const { store, knownCas, log } = this.#options;
    if (said === undefined || said === ca || !knownCas().includes(String(said))) return;
    try {
      await store.caTrust.save(id, String(said));
    } catch (error) {
      log.warn({ agent: name, error: errorText(error) }, 'which CA it trusts is not written down');
    }
  }

  /** Written only where it is another than before. */
  async #noteProgram({ id, name, program }: Agent, said: string | undefined): Promise<void> {
    const told = readAgentProgram(said);
    if (told === undefined) return;
    if (told.version === program?.version && told.node === program.node) return;
    const { store, log } = this.#options;
    try {
      await store.agents.saveProgram(id, told);
    } catch (error) {
      log.warn({ agent: name, error: errorText(error) }, 'which program it is is not written down');
    }
  }
}

interface Subject {
  readonly id: string | undefined;
  readonly name: string;
}

/** By that name a hub is looked at before there is a certificate: nobody is an agent there (Node's types lack it). */
function isToEnrol(socket: TLSSocket): boolean {
  return 'servername' in socket && socket.servername === enrolServerName;
}

/**
 * The subject is this hub's own choice (`subjectOf` of ca/private-ca.ts), an attribute a line here. Only the subject is
 * asked for: the whole certificate as an object takes ten times as long.
 */
function readSubject(socket: TLSSocket): Subject {
  const subject = socket.getPeerX509Certificate()?.subject ?? '';
  const value = (type: string): string | undefined =>
    new RegExp(`^${type}=(.+)$`, 'm').exec(subject)?.[1];
  return { id: value('serialNumber'), name: value('CN') ?? 'without a name' };
}
