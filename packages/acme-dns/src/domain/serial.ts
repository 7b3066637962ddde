/**
 * The next serial of the zone (RFC 1035 §3.3.13): greater than the last in the arithmetic of RFC 1982, and the Unix
 * time where that is greater, so that a person can read when it changed.
 */
export function nextSerial(last: number, seconds: number): number {
  const next = (last + 1) >>> 0;
  const now = seconds >>> 0;
  return ((now - next) | 0) > 0 ? now : next;
}
