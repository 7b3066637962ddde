import type { Host } from '../domain/host.js';
import type { VerifyFinding } from '../domain/verify/finding.js';
import { judge } from '../domain/verify/judge.js';
import { usualTargets, type Targets } from '../domain/verify/targets.js';
import { look, type VerifyPorts } from './look.js';

/**
 * Whether the host does what host.toml says, proven by packets: a client on the bridge and a stranger outside, each in a
 * network namespace that goes with this process, and a look at what leaves through the card. Ten seconds at most; nothing
 * of the host's configuration is changed.
 */
export async function verify(
  host: Host,
  ports: VerifyPorts,
  targets: Targets = usualTargets(host),
): Promise<readonly VerifyFinding[]> {
  return judge(host, await look(host, ports, targets));
}
