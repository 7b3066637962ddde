import type { Host } from '../host.js';
import { judgeAdvertisement, judgeClient } from './advertisement.js';
import type { VerifyFinding } from './finding.js';
import { judgeHost } from './host.js';
import { judgeMachines } from './machines.js';
import { judgeNames } from './names.js';
import { judgeReach } from './reach.js';
import type { Seen } from './seen.js';

/** What was seen, against what host.toml has. */
export function judge(host: Host, seen: Seen): readonly VerifyFinding[] {
  return [
    judgeAdvertisement,
    judgeClient,
    judgeNames,
    judgeReach,
    judgeMachines,
    judgeHost,
  ].flatMap((one) => one(host, seen));
}
