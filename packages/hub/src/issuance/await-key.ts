import type { AgentName } from '@sixhub/protocol';
import type { Issuance, Step } from '../domain/issuance.js';
import type { IssuanceStore } from '../store/issuances.js';

export interface KeyWait {
  readonly issuances: IssuanceStore;
  /** Resolves early when the request is there. */
  pause(milliseconds: number): Promise<void>;
  tell(step: Step): Promise<void>;
}

/** Who is woken needs no look; this is for a request that came just before the wait began. */
const lookAgainMs = 10_000;

/** Tells once that the agent's request is waited for, and waits a while; whoever asks again finds what became of it. */
export async function awaitKey(
  { id }: Issuance,
  agent: AgentName,
  { issuances, pause, tell }: KeyWait,
): Promise<void> {
  const told = await issuances.newestStep(id);
  if (told?.kind !== 'key-wanted' && told?.kind !== 'key-refused') {
    await tell({ kind: 'key-wanted', agent });
  }
  if ((await issuances.find(id))?.request === undefined) await pause(lookAgainMs);
}
