import { SixhubError } from '@sixhub/base';
import type { Hub, Journal, StateStore } from '../ports.js';
import type { RunResult } from '../run/run.js';

interface Wait {
  readonly hub: Pick<Hub, 'awaitManifest'>;
  readonly store: Pick<StateStore, 'readManifest'>;
  readonly signal: AbortSignal;
  readonly journal: Journal;
}

/** An authority takes seconds; one that takes longer is the next run's. */
const longestMs = 60_000;

/**
 * After a run that made a key: waits a while for what the authority makes of it, so that one call is enough where the
 * next tick is a quarter of an hour away. True: there is something new.
 */
export async function untilIssued(
  { requests }: RunResult,
  { hub, store, signal, journal }: Wait,
): Promise<boolean> {
  if (!requests.some(({ state }) => state === 'answered')) return false;
  journal(
    'waiting a minute at most for what the authority makes of it; a later run installs it, too',
  );
  const end = performance.now() + longestMs;
  try {
    for (let known = await store.readManifest(); known !== undefined;) {
      const before = known.manifest.requests?.length ?? 0;
      const leftS = Math.floor((end - performance.now()) / 1_000);
      if (leftS < 1) return false;
      known = await hub.awaitManifest(known, leftS, signal);
      if ((known.manifest.requests?.length ?? 0) < before) return true;
    }
  } catch (error) {
    // That the hub went away says nothing about the run that is done.
    if (!(error instanceof SixhubError)) throw error;
  }
  return false;
}
