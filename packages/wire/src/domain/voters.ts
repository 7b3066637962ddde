import { describeLook, type Sight } from './look.js';

/**
 * Who may throw a new version out again: the connections that showed the version before until the switch, by their
 * description. One that was sick already, or showed something else, says nothing about the new version; and one dead
 * address does not silence the others.
 */
export function votersOf(
  before: readonly Sight[],
  { fingerprint }: { readonly fingerprint: string },
): readonly string[] {
  return before
    .filter(({ seen }) => seen.kind === 'served' && seen.fingerprint === fingerprint)
    .map(({ look }) => describeLook(look));
}

/** What these connections showed now. */
export function sightsOf(voters: readonly string[], sights: readonly Sight[]): readonly Sight[] {
  return sights.filter(({ look }) => voters.includes(describeLook(look)));
}
