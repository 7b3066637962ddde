import { runProgram, systemClock as clock } from '@sixhub/base';
import { seeOnWire } from '@sixhub/wire';
import type { AgentConfig } from '../config/agent-toml.js';
import { hostReader } from '../host/host-status.js';
import { openOwnKeys } from '../keys/own-keys.js';
import { openTree } from '../live/tree.js';
import type { Hub, Journal } from '../ports.js';
import { takeHubFacts } from '../run/take-hub-facts.js';
import { renewIdentityIfDue } from '../run/renew-identity.js';
import type { RunOptions } from '../run/parts.js';
import { runOnce, type RunResult } from '../run/run.js';
import { serviceControl } from '../services/control.js';
import { configurationReader } from '../services/readers.js';
import { readIdentity, type StoredIdentity } from '../state/identity-file.js';
import { takeRunLock } from '../state/lock.js';
import { stateStore } from '../state/store.js';
import { copiesOf, machineFiles } from './machine.js';

export interface OnThisMachine {
  readonly machine: AgentConfig;
  readonly identity: StoredIdentity;
  readonly hub: Hub;
  readonly journal: Journal;
}

/** One run with this machine's real parts, under the lock that all runs share. */
export async function oneRun(
  { machine, identity, hub, journal }: OnThisMachine,
  options: RunOptions,
): Promise<RunResult | 'busy'> {
  await using lock = await takeRunLock(machine.state);
  if (lock === undefined) return 'busy';
  const store = stateStore(machine.state);
  const result = await runOnce(
    {
      ...{ hub, journal, clock, services: machine.services },
      tree: await openTree(machine.live, clock, machine.keepings),
      copies: copiesOf(machine),
      keys: openOwnKeys(machine.state, machine.live),
      control: serviceControl(runProgram),
      read: configurationReader({ run: runProgram, files: machineFiles }),
      see: seeOnWire,
      host: hostReader(machine.hostStatus),
      store,
    },
    options,
  );
  // Read under the lock: another run may have written it since this one began to wait.
  const present = (await readIdentity(machine.state)) ?? identity;
  // Enrolled anew meanwhile: what this hub told of itself is not for another one's identity.
  if (present.privateKey !== identity.privateKey) return result;
  // Not what an earlier hub may have told, where this one gave no word.
  const known = result.unreached === undefined ? await store.readManifest() : undefined;
  const current = await takeHubFacts(
    { journal, clock, state: machine.state },
    present,
    known?.manifest.hub,
  );
  await renewIdentityIfDue({ hub, journal, clock }, machine.state, current);
  return result;
}
