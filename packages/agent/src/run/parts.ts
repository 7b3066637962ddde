import type { Clock } from '@sixhub/base';
import type { SeeOnWire } from '@sixhub/wire';
import type { Service } from '../domain/service.js';
import type {
  Copies,
  Hub,
  Journal,
  LiveTree,
  OwnKeys,
  ReadConfiguration,
  ReadHost,
  ServiceControl,
  StateStore,
} from '../ports.js';

/** What a run works with. The entry puts it together. */
export interface RunParts {
  readonly hub: Hub;
  readonly tree: LiveTree;
  readonly copies: Copies;
  readonly keys: OwnKeys;
  readonly control: ServiceControl;
  readonly read: ReadConfiguration;
  readonly host: ReadHost;
  readonly see: SeeOnWire;
  readonly store: StateStore;
  readonly clock: Clock;
  readonly journal: Journal;
  /** Those of agent.toml. */
  readonly services: readonly Service[];
}

export interface RunOptions {
  /** Takes over what another program left under live/NAME. */
  readonly adopt: boolean;
  /** No back-off, and a look on the wire in any case. */
  readonly eager: boolean;
  /** Heard until the first switch; from there a run goes on to a proven end. */
  readonly signal: AbortSignal;
}
