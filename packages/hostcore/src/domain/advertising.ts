/** What our advertisements have in every case: written into the daemons' files, and looked for in the packet. */

/** RFC 4861 §6.2.1: three intervals, at most 9000 seconds. */
export function routerLifetime(interval: number): number {
  return Math.min(9000, 3 * interval);
}

/** RFC 8781 §4: counted in eights, 65528 at most. */
export function pref64Lifetime(lifetime: number): number {
  return Math.min(65_528, Math.ceil(lifetime / 8) * 8);
}

/** Of the prefix, in seconds, where radvd sends it; networkd has its own. */
export const prefixLifetimes = { valid: 86_400, preferred: 14_400 } as const;
