import { exitCodes, SixhubError, systemClock } from '@sixhub/base';
import type { AgentConfig } from '../config/agent-toml.js';
import { lifetimeOf, readIdentity, type StoredIdentity } from '../state/identity-file.js';

/** Who this machine is at the hub; throws where it is nobody there, or not any more. */
export async function mustBeEnrolled({ state }: AgentConfig): Promise<StoredIdentity> {
  return usable(await readIdentity(state), systemClock.now());
}

function usable(identity: StoredIdentity | undefined, now: Date): StoredIdentity {
  if (identity === undefined) {
    throw new SixhubError({
      code: 'not-enrolled',
      fact: 'this machine is not enrolled at a hub yet',
      hint: 'Run `hub agent add NAME --cert CERTIFICATE` on the hub, then `hub-agent enroll` here.',
      exit: exitCodes.usage,
    });
  }
  const { notAfter } = lifetimeOf(identity);
  if (notAfter > now) return identity;
  throw new SixhubError({
    code: 'identity-expired',
    fact: `the client certificate of '${identity.agent}' expired on ${notAfter.toISOString()}: the hub does not let this machine in any more`,
    hint:
      'What is installed stays as it is. Enrol again: `hub agent add` on the hub, then `hub-agent enroll --again` here.\n' +
      "If that date is not in the past, this machine's clock is wrong.",
  });
}
