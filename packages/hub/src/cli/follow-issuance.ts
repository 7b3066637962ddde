import { systemClock } from '@sixhub/base';
import type { Step } from '../domain/issuance.js';
import type { IssuanceView, ToldStep } from './answers.js';
import type { HubClient } from './client.js';

export type Ending =
  | { readonly kind: 'stored'; readonly version: string }
  | Extract<Step, { kind: 'problem' }>
  /** The record did not appear in time, or the agent that makes the key did not. */
  | { readonly kind: 'waiting'; readonly agent?: string | undefined }
  /** The hub ended the stream. */
  | { readonly kind: 'cut' };

/** However short the patience, the first look at the DNS is waited for. */
const firstLookMs = 15_000;

interface Followed {
  readonly issuance: IssuanceView;
  readonly askedAt: string;
  readonly waitDelegationMs: number;
  readonly tell: (told: ToldStep) => void;
}

/** Tells an issuance's steps as they come, until it ended, failed, or waited long enough for a record. */
export async function followIssuance(
  hub: HubClient,
  { issuance, askedAt, waitDelegationMs, tell }: Followed,
  stop: AbortSignal,
): Promise<Ending> {
  const patience = new AbortController();
  let countdown = new AbortController();
  const runOutAfter = (milliseconds: number): void => {
    countdown.abort();
    countdown = new AbortController();
    systemClock.sleep(milliseconds, countdown.signal).then(
      () => patience.abort(),
      () => undefined, // it is delegated, or over
    );
  };
  if (issuance.stage === 'delegation') runOutAfter(Math.max(waitDelegationMs, firstLookMs));
  let wanted = false;
  let agent: string | undefined;
  const signal = AbortSignal.any([stop, patience.signal]);
  try {
    for await (const told of hub.lines<ToldStep>(`/v1/issuances/${issuance.id}/steps`, signal)) {
      const { step } = told;
      tell(told);
      if (step.kind === 'stored') return { kind: 'stored', version: step.version };
      // Who joins is told of an old problem only where it is still what the issuance waits for.
      if (step.kind === 'problem' && (told.at >= askedAt || step.retryAt === issuance.retryAt)) {
        return step;
      }
      if (step.kind === 'delegated' || step.kind === 'key-made' || step.kind === 'ordered') {
        agent = undefined;
        countdown.abort();
      }
      if (step.kind === 'key-wanted') {
        ({ agent } = step);
        runOutAfter(Math.max(waitDelegationMs, firstLookMs));
      }
      if (step.kind === 'delegation-wanted' && !wanted) {
        wanted = true;
        runOutAfter(waitDelegationMs);
      }
    }
    return { kind: 'cut' };
  } catch (error) {
    if (patience.signal.aborted && !stop.aborted) return { kind: 'waiting', agent };
    throw stop.aborted ? stop.reason : error;
  } finally {
    countdown.abort();
  }
}
