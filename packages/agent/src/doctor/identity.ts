import { formatDuration } from '@sixhub/base';
import { doubtful, ok, wrong, type Finding } from '@sixhub/base/finding';
import { isRenewalDue, lifetimeOf, type StoredIdentity } from '../state/identity-file.js';

/** Who this machine is at the hub, and for how long. */
export function examineIdentity(
  identity: StoredIdentity | undefined,
  now: Date,
): readonly Finding[] {
  if (identity === undefined) {
    return [
      wrong(
        'it is not enrolled at a hub',
        'Run `hub agent add NAME --cert CERTIFICATE` on the hub, then `hub-agent enroll` here.',
      ),
    ];
  }
  const life = lifetimeOf(identity);
  const until = life.notAfter.toISOString();
  if (life.notAfter <= now) {
    return [
      wrong(
        `its client certificate as ${identity.agent} expired on ${until}: the hub does not let it in any more`,
        "What is installed stays. Is this machine's clock right? If so, enrol again: `hub agent add` on the hub, then `hub-agent enroll --again` here.",
      ),
    ];
  }
  if (life.notBefore > now) {
    return [
      wrong(
        `its client certificate as ${identity.agent} begins on ${life.notBefore.toISOString()}: this machine's clock is behind`,
        'Set the clock, and keep it set: timedatectl set-ntp true',
      ),
    ];
  }
  const known = ok(`it is ${identity.agent}, by a client certificate that is valid until ${until}`);
  if (!isRenewalDue(life, now)) return [known];
  const left = formatDuration(life.notAfter.getTime() - now.getTime());
  return [
    doubtful(
      `it is ${identity.agent}; its client certificate should have been renewed at half of its life, and has ${left} left`,
      'The next run that reaches the hub renews it: hub-agent run',
    ),
  ];
}
