import { isOpen, type ApplyRecord } from './record.js';

const inForceKept = 20;
const daysKept = 30;

/** For people, who find one gone. */
export const keepingRule = `kept are the newest ${inForceKept} in force, and all of the last ${daysKept} days`;

/**
 * What is not kept any more: nobody goes back to before it, and its copies of files are a burden. Never the newest, so that no
 * number comes twice, and never one that is not settled.
 */
export function spent(records: readonly ApplyRecord[], now: Date): readonly number[] {
  const sorted = [...records].sort((one, other) => other.number - one.number);
  const inForce = sorted.filter(({ phase }) => phase === 'confirmed').slice(0, inForceKept);
  const since = now.getTime() - daysKept * 24 * 3_600_000;
  return sorted
    .slice(1)
    .filter((one) => !isOpen(one) && !inForce.includes(one) && Date.parse(one.began) < since)
    .map(({ number }) => number)
    .sort((one, other) => one - other);
}
