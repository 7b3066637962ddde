/** Beyond this it is a mistake: no certificate lives so long. */
const longestMs = 366 * 86_400_000;

/**
 * RFC 9110 §10.2.3: seconds, or a date, which is reckoned from `now`, the time of who said it. In milliseconds, at most
 * a year; undefined where it says nothing.
 */
export function parseRetryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  const milliseconds = /^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - now;
  if (Number.isNaN(milliseconds)) return undefined;
  return Math.min(Math.max(0, milliseconds), longestMs);
}
