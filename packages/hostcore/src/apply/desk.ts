import type { Finding } from '@sixhub/base/finding';
import type { Facts } from '../domain/facts.js';
import type { Host } from '../domain/host.js';
import type { Plan } from '../domain/plan/plan.js';
import type { RenderedFile } from '../domain/rendered.js';
import type { Run } from './run.js';
import type { Store } from './store.js';

/** What is told while it happens; for people a line each, for programs an object. */
export type Event =
  | { readonly event: 'began'; readonly number: number; readonly steps: number }
  | { readonly event: 'checked'; readonly what: string }
  | { readonly event: 'armed'; readonly seconds: number; readonly by: 'systemd' | 'process' }
  | { readonly event: 'installing'; readonly packages: readonly string[] }
  | { readonly event: 'step'; readonly count: number; readonly of: number; readonly what: string }
  | { readonly event: 'failed'; readonly why: string }
  /** By a rollback: what it can't bring back, and is no reason to leave it. */
  | { readonly event: 'lost'; readonly what: readonly string[] }
  | {
      readonly event: 'waiting';
      readonly number: number;
      readonly seconds: number;
      /** What packets prove not to be right, and was not right before. */
      readonly doubts: readonly string[];
      /** What nobody could ask. */
      readonly untested: readonly string[];
    }
  | { readonly event: 'confirmed'; readonly number: number }
  | {
      readonly event: 'undone';
      readonly number: number;
      readonly why: string;
      readonly left: readonly string[];
    };

/**
 * Whether the host does what it is for, as packets tell: asked after a change, before a person is. Made before the change, so
 * that it knows what was so already. A `wrong` among its findings has everything taken back; what is `doubtful` is told.
 */
export type Verification = () => Promise<readonly Finding[]>;
export interface Verifier {
  /** Everything that is asked of a host which is to be as described. */
  prepare(described: Described): Promise<Verification>;
  /** The least: what holds of a host whatever it is. */
  prepareReach(host: Host): Promise<Verification>;
  /** How long the verification may take, which the countdown of the change allows for. */
  readonly seconds: number;
}

/** The host as it is, beside a description. */
export interface Described {
  readonly host: Host;
  readonly facts: Facts;
}

/** Beside the one that it is to become. */
export interface Looked extends Described {
  readonly rendered: readonly RenderedFile[];
  readonly plan: Plan;
  /** Of host.toml, as it stands. */
  readonly text: string;
}

/** What every change needs from outside. */
export interface Desk {
  readonly run: Run;
  readonly store: Store;
  readonly tell: (event: Event) => void;
  /** How long a person has. */
  readonly withinSeconds: number;
  /** The command that takes back change NUMBER. */
  readonly rollbackWords: (number: number) => readonly string[];
  /** A person wants no more of it. */
  readonly signal: AbortSignal;
}
