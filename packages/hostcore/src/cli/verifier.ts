import { prepareReach } from '../apply/reach.js';
import { packetSeconds, preparePackets } from '../apply/packets.js';
import type { Desk, Verifier } from '../apply/desk.js';
import { verify } from '../verify/verify.js';
import { targetsOf, type TargetOptions } from './targets.js';
import { verifyPorts } from './verify.js';

export interface VerifierOptions extends TargetOptions {
  readonly 'no-verify': boolean;
}

/** The provider's routers, always; and what the host is for, unless that is not wanted. */
export function verifierOf({ run }: Pick<Desk, 'run'>, options: VerifierOptions): Verifier {
  const reachOf: Verifier['prepareReach'] = (host) => prepareReach(run, host);
  if (options['no-verify']) {
    return { seconds: 0, prepare: ({ host }) => reachOf(host), prepareReach: reachOf };
  }
  return {
    seconds: packetSeconds,
    prepareReach: reachOf,
    async prepare(described) {
      const { host } = described;
      const reach = await reachOf(host);
      const targets = targetsOf(options, host);
      const packets = await preparePackets(described, () => verify(host, verifyPorts(), targets));
      return async () => {
        const lost = await reach();
        return lost.length > 0 ? lost : packets();
      };
    },
  };
}
