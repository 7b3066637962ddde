import type { AnyAuthMethod, AuthenticationType, ParsedKey } from 'ssh2';
import { targetText, type SshTarget } from './target.js';

/** What the caller can log in with; nothing of it is kept. */
export interface Credentials {
  /** SSH_AUTH_SOCK. */
  readonly agentSocket: string | undefined;
  /** Files that are named for this host. */
  readonly identities: readonly Identity[];
  /** Those that ssh(1) tries everywhere. */
  readonly usualIdentities: readonly Identity[];
  /** Undefined where nobody can be asked. */
  readonly askPassword: ((question: string) => Promise<string>) | undefined;
}

export interface Identity {
  readonly path: string;
  /** Undefined: it has a passphrase, and was not asked for by name. */
  readonly key: ParsedKey | undefined;
}

const passwordTries = 3;

type Way =
  { readonly kind: 'none' | 'agent' } | { readonly kind: 'identity'; readonly of: Identity };

/**
 * The ways in, one after the other: a key file that was named before the agent, since a server hangs up after a few keys and an agent may
 * have many; a password only where the server takes one. ssh(1) prefers the agent, and has IdentitiesOnly for this.
 */
export class Attempts {
  /** In words, for who is refused. */
  readonly tried: string[] = [];
  readonly #target: SshTarget;
  readonly #credentials: Credentials;
  readonly #left: Way[];
  #passwords = 0;
  readonly #giveUp: (why: unknown) => void;

  /** `giveUp` is told why a question of the server was not answered. */
  constructor(target: SshTarget, credentials: Credentials, giveUp: (why: unknown) => void) {
    this.#target = target;
    this.#credentials = credentials;
    this.#giveUp = giveUp;
    this.#left = [
      { kind: 'none' }, // tells which ways there are
      ...credentials.identities.map((of) => ({ kind: 'identity', of }) as const),
      ...(credentials.agentSocket === undefined ? [] : [{ kind: 'agent' } as const]),
      ...credentials.usualIdentities.map((of) => ({ kind: 'identity', of }) as const),
    ];
  }

  /** Undefined where no way is left. `offered` is null before the server has said anything. */
  async next(offered: readonly AuthenticationType[] | null): Promise<AnyAuthMethod | undefined> {
    const username = this.#target.user;
    const { agentSocket, askPassword } = this.#credentials;
    const takes = (way: AuthenticationType): boolean => offered?.includes(way) ?? true;
    for (let way = this.#left.shift(); way !== undefined; way = this.#left.shift()) {
      if (way.kind === 'none') return { type: 'none', username };
      if (!takes('publickey')) continue;
      if (way.kind === 'identity') {
        const { path, key } = way.of;
        this.tried.push(key === undefined ? `${path} (has a passphrase: ssh-add ${path})` : path);
        if (key === undefined) continue;
        return { type: 'publickey', username, key };
      }
      if (agentSocket !== undefined) {
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
