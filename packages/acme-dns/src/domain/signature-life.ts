import type { SignatureFields } from './record-fields.js';

/** When a signature holds. Its own fields are seconds modulo 2^32, so that only "nearest to now" tells which. */
export interface SignatureLife {
  readonly begins: Date;
  readonly ends: Date;
}

export function lifeOf({ inception, expiration }: SignatureFields, now: Date): SignatureLife {
  return { begins: nearest(inception, now), ends: nearest(expiration, now) };
}

/** RFC 4034 §3.1.5: both ends belong to it. */
export function stateAt({ begins, ends }: SignatureLife, now: Date): 'early' | 'in time' | 'over' {
  const second = Math.floor(now.getTime() / 1_000) * 1_000;
  if (second < begins.getTime()) return 'early';
  return second > ends.getTime() ? 'over' : 'in time';
}

/**
 * Whether a new signature is overdue: less than two days are left, and less than a tenth of its life. Signers that are
 * well renew before that (BIND with a quarter left, Knot with a tenth and more); those that sign with each answer give
 * a day or two at all, and are always fresh.
 */
export function isOverdue({ begins, ends }: SignatureLife, now: Date): boolean {
  const left = ends.getTime() - now.getTime();
  return left < twoDaysMs && left < (ends.getTime() - begins.getTime()) / 10;
}

const twoDaysMs = 2 * 86_400_000;

/** RFC 1982, as RFC 4034 §3.1.5 has it. */
function nearest(seconds: number, now: Date): Date {
  const current = Math.floor(now.getTime() / 1_000);
  return new Date((current + ((seconds - current) | 0)) * 1_000);
}
