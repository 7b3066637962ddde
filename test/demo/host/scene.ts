import { hostNet } from '../../lab/host-network.js';
import type { Ground } from '../../lab/host-ground.js';
import type { Stage } from '../stage.js';
import type { Person } from './person.js';

/** Where the story plays, and who is in it. */
export interface Scene {
  readonly stage: Stage;
  readonly signal: AbortSignal;
  readonly ground: Ground;
  /** Somewhere in the internet; SSH is the only way in. */
  readonly you: Person;
  readonly merlin: Person;
  /** A VM. */
  readonly web: Person;
}

/** As you reach merlin. */
export const ssh = `ssh root@${hostNet.host4}`;
