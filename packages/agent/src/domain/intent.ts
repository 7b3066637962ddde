/**
 * What a run writes down before it switches, for the run that finds the new version unproven since this one was killed:
 * by then nobody can see any more who was well before.
 */
export interface Intent {
  readonly version: string;
  /** By service: the connections that showed the version before (see vote.ts). */
  readonly voters: Readonly<Record<string, readonly string[]>>;
  /** Services whose own check passed. */
  readonly passed: readonly string[];
}

/** By certificate. */
export type Intents = Readonly<Record<string, Intent>>;
