import type { AnyAuthMethod, AuthenticationType, ParsedKey } from 'ssh2';
import { targetText, type SshTarget } from './target.js';

/** What the caller can log in with; nothing of it is kept. */
export interface Credentials {
  /** SSH_AUTH_SOCK. */
  readonly agentSocket: string | undefined;
  readonly identity: { readonly path: string; readonly key: ParsedKey } | undefined;
  /** Undefined where nobody can be asked. */
  readonly askPassword: ((question: string) => Promise<string>) | undefined;
}

const passwordTries = 3;

/**
 * The ways in, one after the other: a key file before the agent, since a server hangs up after a few keys and an agent may
 * have many; a password only where the server takes one. ssh(1) prefers the agent, and has IdentitiesOnly for this.
 */
export class Attempts {
  /** In words, for who is refused. */
  readonly tried: string[] = [];
  readonly #target: SshTarget;
  readonly #credentials: Credentials;
  readonly #left: ('none' | 'identity' | 'agent')[];
  #passwords = 0;
  readonly #giveUp: (why: unknown) => void;

  /** `giveUp` is told why a question of the server was not answered. */
  constructor(target: SshTarget, credentials: Credentials, giveUp: (why: unknown) => void) {
    this.#target = target;
    this.#credentials = credentials;
    this.#giveUp = giveUp;
    this.#left = [
      'none', // tells which ways there are
      ...(credentials.identity === undefined ? [] : (['identity'] as const)),
      ...(credentials.agentSocket === undefined ? [] : (['agent'] as const)),
    ];
  }

  /** Undefined where no way is left. `offered` is null before the server has said anything. */
  async next(offered: readonly AuthenticationType[] | null): Promise<AnyAuthMethod | undefined> {
    const username = this.#target.user;
    const { identity, agentSocket, askPassword } = this.#credentials;
    const takes = (way: AuthenticationType): boolean => offered?.includes(way) ?? true;
    for (let way = this.#left.shift(); way !== undefined; way = this.#left.shift()) {
      if (way === 'none') return { type: 'none', username };
      if (!takes('publickey')) continue;
      if (way === 'identity' && identity !== undefined) {
        this.tried.push(identity.path);
        return { type: 'publickey', username, key: identity.key };
      }
      if (way === 'agent' && agentSocket !== undefined) {
        this.tried.push(`the keys of the agent at ${agentSocket}`);
        return { type: 'agent', username, agent: agentSocket };
      }
    }
    if (askPassword === undefined || this.#passwords >= passwordTries) return undefined;
    if (!takes('password') && !takes('keyboard-interactive')) return undefined;
    if (this.#passwords++ === 0) this.tried.push('a password');
    if (takes('password')) {
      const password = await askPassword(`Password of ${targetText(this.#target)}: `);
      return { type: 'password', username, password };
    }
    return {
      type: 'keyboard-interactive',
      username,
      prompt: (_name, _instructions, _language, prompts, finish) => {
        const who = targetText(this.#target);
        answers(
          askPassword,
          prompts.map(({ prompt }) => `${who}: ${prompt}`),
        ).then(finish, this.#giveUp);
      },
    };
  }
}

async function answers(
  ask: (question: string) => Promise<string>,
  questions: readonly string[],
): Promise<string[]> {
  const all: string[] = [];
  for (const question of questions) all.push(await ask(question));
  return all;
}
