import type { Terminal } from '@sixhub/base';
import { connectSsh } from '../ssh/connection.js';
import type { HostKey } from '../ssh/host-key.js';
import type { HostTrust } from '../ssh/host-trust.js';
import { parseTarget } from '../ssh/target.js';
import { trustOf } from './ssh-login.js';

/** The key that a host shows, once it is known to be its own; asked for without logging in. */
export async function askHostKey(
  place: string,
  options: { readonly 'host-key': readonly string[] },
  terminal: Terminal,
): Promise<string> {
  const seen = new SeenKey();
  try {
    const connection = await connectSsh(parseTarget(place), {
      trust: seen.watching(trustOf(options, terminal)),
      credentials: {
        agentSocket: undefined,
        identities: [],
        usualIdentities: [],
        askPassword: undefined,
      },
      signal: terminal.signal,
    });
    await connection[Symbol.asyncDispose]();
  } catch (error) {
    // That nobody without a key is let in is as it should be.
    if (seen.key === undefined || terminal.signal.aborted) throw error;
  }
  return seen.text;
}

/** Notes which key was found to be the host's. */
class SeenKey {
  key: HostKey | undefined;

  watching(trust: HostTrust): HostTrust {
    return {
      preferred: (target) => trust.preferred(target),
      check: async (target, key) => {
        await trust.check(target, key);
        this.key = key;
      },
    };
  }

  /** As the hub pins it. */
  get text(): string {
    return this.key === undefined ? '' : `${this.key.type} ${this.key.blob}`;
  }
}
