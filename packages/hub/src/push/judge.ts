import type { ServiceResult } from '@sixhub/protocol';
import { allServe, describeLook, describeMisses, sightsOf, type Sight } from '@sixhub/wire';
import { grouped } from '../store/grouped.js';
import { serviceOf } from './looks.js';

/** What is known of a push when it is over. */
export interface Evidence {
  readonly fingerprint: string;
  readonly sights: readonly Sight[];
  /** Who showed the version before. */
  readonly voters: readonly string[];
  /** Why it was taken back, and to what, if it was. */
  readonly back: { readonly why: string; readonly fingerprint: string } | undefined;
  readonly brokenBefore: string | undefined;
  /** What check and reload said, where they refused. */
  readonly words: string;
  readonly now: Date;
}

const longest = 2_000;

/** A result a listener. */
export function judge({ sights, now, ...evidence }: Evidence): readonly ServiceResult[] {
  return [...grouped(sights, ({ look }) => serviceOf(look))].map(([service, own]) => {
    const { state, detail } = judgeOne(own, evidence);
    return { service, state, detail: detail.slice(0, longest), at: now.toISOString() };
  });
}

function judgeOne(
  sights: readonly Sight[],
  { fingerprint, voters, back, brokenBefore, words }: Omit<Evidence, 'sights' | 'now'>,
): Pick<ServiceResult, 'state' | 'detail'> {
  if (back === undefined && allServe(sights, fingerprint)) {
    return { state: 'serving', detail: sights.map(({ look }) => describeLook(look)).join(', ') };
  }
  if (brokenBefore !== undefined) return { state: 'broken-before', detail: brokenBefore };
  if (back === undefined) {
    return { state: 'not-serving', detail: join(words, describeMisses(sights, fingerprint, '')) };
  }
  // What was sick before the switch is as sick after it.
  const voting = sightsOf(voters, sights);
  const judged = voting.length === 0 ? sights : voting;
  if (allServe(judged, back.fingerprint)) return { state: 'rolled-back', detail: back.why };
  const after = `after going back: ${describeMisses(sights, back.fingerprint, '')}`;
  return { state: 'not-serving', detail: join(back.why, after) };
}

export function join(...words: readonly (string | undefined)[]): string {
  return words.filter((word) => word !== undefined && word !== '').join('; ');
}
