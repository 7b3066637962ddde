import { exitCodes, SixhubError } from '@sixhub/base';
import type { AgentConfig } from '../config/agent-toml.js';
import { lifetimeOf, readIdentity, type StoredIdentity } from '../state/identity-file.js';

/** Who this machine is at the hub; throws where it is nobody there. */
export async function mustBeEnrolled({ state }: AgentConfig): Promise<StoredIdentity> {
  const identity = await readIdentity(state);
  if (identity === undefined) {
    throw new SixhubError({
      code: 'not-enrolled',
      fact: 'this machine is not enrolled at a hub yet',
      hint: 'Run `hub agent add NAME --cert CERTIFICATE` on the hub, then `hub-agent enroll` here.',
      exit: exitCodes.usage,
    });
  }
  return identity;
}

/** Why the hub does not let it in any more; undefined while its client certificate is valid. */
export function expiryOf(identity: StoredIdentity, now: Date): SixhubError | undefined {
  const { notAfter } = lifetimeOf(identity);
  if (notAfter > now) return undefined;
  return new SixhubError({
    code: 'identity-expired',
    fact: `the client certificate of '${identity.agent}' expired on ${notAfter.toISOString()}: the hub does not let this machine in any more`,
    hint:
      'What is installed stays, and is looked after. Enrol again: `hub agent remove` and `hub agent add` on the hub, then `hub-agent enroll --again` here.\n' +
      "If that date is not in the past, this machine's clock is wrong.",
  });
}
