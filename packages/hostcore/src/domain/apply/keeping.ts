import { isOpen, type ApplyRecord } from './record.js';

const inForceKept = 20;
const daysKept = 30;

/** For people, who find one gone. */
export const keepingRule = `kept are the newest ${inForceKept} in force, and all of the last ${daysKept} days`;

/**
 * What is not kept any more: nobody goes back to before it, and its copies of files are a burden. Never the newest, so that no
 * number comes twice, and never one that is not settled. Of those in force the oldest first, whatever the clock said when they
 * began: a way back leads through all that came after.
 */
export function spent(records: readonly ApplyRecord[], now: Date): readonly number[] {
  const sorted = [...records].sort((one, other) => other.number - one.number);
  const since = now.getTime() - daysKept * 24 * 3_600_000;
  const isOld = ({ began }: ApplyRecord): boolean => Date.parse(began) < since;
  const inForce = sorted.filter(({ phase }) => phase === 'confirmed');
  const oldestKept = inForce.findLast((one, index) => index < inForceKept || !isOld(one));
  const isOnTheWay = ({ phase, number }: ApplyRecord): boolean =>
    phase === 'confirmed' && oldestKept !== undefined && number >= oldestKept.number;
  return sorted
    .slice(1)
    .filter((one) => !isOpen(one) && !isOnTheWay(one) && isOld(one))
    .map(({ number }) => number)
    .sort((one, other) => one - other);
}
