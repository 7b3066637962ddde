import type { ServiceResult, ServiceState } from '@sixhub/protocol';
import { type Sight, allServe, describeLook, describeMisses, sightsOf } from '@sixhub/wire';
import { join } from './steps.js';
import type { Subject } from './subject.js';
import type { Pair } from './watching.js';

/** What happened to a certificate's files. */
export interface Fate {
  /** Why it was taken back, if it was. */
  readonly wentBack: string | undefined;
  /** Why it could not be switched, if it could not. */
  readonly unmoved: string | undefined;
  /** Why it was switched and not all of its copies were, if so. */
  readonly uncopied: string | undefined;
  /** Left as it was, because every service of it was broken before. */
  readonly held: boolean;
}

export interface Evidence {
  /** The last look. */
  readonly sights: readonly Sight[];
  readonly brokenBefore: string | undefined;
  /** What its check and its reload said, if they failed. */
  readonly words: string;
}

/** The protocol's longest detail. */
const longest = 2_000;

export function judgePair(pair: Pair, fate: Fate, now: Date, evidence: Evidence): ServiceResult {
  const { state, detail } = judge(pair, fate, evidence);
  return {
    service: pair.service.name,
    state,
    detail: detail.slice(0, longest),
    at: now.toISOString(),
  };
}

function judge(
  { subject: { wanted, back }, voters, whyNone }: Pair,
  { wentBack, unmoved }: Fate,
  { sights, brokenBefore, words }: Evidence,
): { readonly state: ServiceState; readonly detail: string } {
  if (wentBack === undefined && allServe(sights, wanted.fingerprint)) {
    return { state: 'serving', detail: sights.map(({ look }) => describeLook(look)).join(', ') };
  }
  if (brokenBefore !== undefined) return { state: 'broken-before', detail: brokenBefore };
  const old = back.kind === 'open' ? back.version : undefined;
  if (wentBack !== undefined && old !== undefined) {
    // What was sick before the switch is as sick after it.
    const judged = voters.length === 0 ? sights : sightsOf(voters, sights);
    if (allServe(judged, old.fingerprint)) return { state: 'rolled-back', detail: wentBack };
    const after = `after going back: ${describeMisses(sights, old.fingerprint, whyNone)}`;
    return { state: 'not-serving', detail: join(wentBack, words, after) };
  }
  if (unmoved !== undefined && voters.length > 0) {
    return { state: 'rolled-back', detail: `not switched: ${unmoved}` };
  }
  return {
    state: 'not-serving',
    detail: join(unmoved, words, describeMisses(sights, wanted.fingerprint, whyNone)),
  };
}

export function judgeSubject(
  { back, staged, installed: before }: Subject,
  { wentBack, unmoved, uncopied, held }: Fate,
  services: readonly ServiceResult[],
): { readonly installed: boolean; readonly detail: string } {
  const installed =
    wentBack === undefined && unmoved === undefined && uncopied === undefined && !held;
  const sick = services.filter(({ state }) => state !== 'serving').map(({ service }) => service);
  const detail = ((): string => {
    if (wentBack !== undefined) return `taken back to the version before: ${wentBack}`;
    if (unmoved !== undefined) return `not switched: ${unmoved}`;
    if (held) {
      return 'not switched: the configuration of every service of it was broken before; once it is mended, the next run installs';
    }
    if (uncopied !== undefined) {
      return `switched, for there is no way back (${back.kind === 'closed' ? back.why : 'it failed'}), but not everywhere: ${uncopied}`;
    }
    if (
      sick.length > 0 &&
      staged !== undefined &&
      before.kind === 'whole' &&
      back.kind === 'closed'
    ) {
      return `ALARM: ${sick.join(', ')} does not serve it, and there is no way back: ${back.why}`;
    }
    return '';
  })();
  return { installed, detail: detail.slice(0, longest) };
}
