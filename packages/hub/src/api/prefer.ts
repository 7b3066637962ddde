/**
 * The seconds that a client is ready to wait for its answer: `Prefer: wait=SECONDS` (RFC 7240 §4.3), at most `most`.
 * What can't be read is as if it were not there, and of two the first counts (§2).
 */
export function waitOf(prefer: string | undefined, most: number): number {
  for (const preference of prefer?.split(',') ?? []) {
    const [, seconds] = /^\s*wait\s*=\s*"?(\d{1,9})"?\s*(?:;.*)?$/i.exec(preference) ?? [];
    if (seconds !== undefined) return Math.min(Number(seconds), most);
  }
  return 0;
}
