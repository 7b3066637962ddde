import type { RewritingRule } from '../facts.js';

/** Of a snapshot that did not look, nothing is known. */
type Rules = readonly RewritingRule[] | undefined;

/** In the order of their places, so that each finds those that stand before it. */
export function rewritingAdded(before: Rules, now: Rules): readonly string[] {
  return surplus(before, now).flatMap(({ add }) => add ?? []);
}

export function rewritingSpare(before: Rules, now: Rules): readonly string[] {
  return surplus(now, before).map(({ remove }) => remove);
}

/**
 * Those that nobody here can put back, in words. nft alone takes such a rule away, and shows of it neither what it rewrites nor
 * for whom: its own tool, which made it, is gone.
 */
export function rewritingLost(before: Rules, now: Rules): readonly string[] {
  return surplus(before, now).flatMap(({ rule, add }) =>
    add === undefined
      ? [
          `the rule of ebtables ${rule} is not back, since there is no ebtables-nft here; run again what made it, or \`apt install iptables\` and make it`,
        ]
      : [],
  );
}

/** What one has and the other has not; a rule may stand there twice. */
function surplus(one: Rules, other: Rules): readonly RewritingRule[] {
  if (one === undefined || other === undefined) return [];
  const left = other.map(({ rule }) => rule);
  return one.filter(({ rule }) => {
    const index = left.indexOf(rule);
    if (index >= 0) left.splice(index, 1);
    return index < 0;
  });
}
