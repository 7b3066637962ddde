import { doubtful, wrong, type Finding } from '@sixhub/base/finding';
import type { VerifyFinding } from '../domain/verify/finding.js';
import type { Described, Verification } from './desk.js';

export type LookAtPackets = () => Promise<readonly VerifyFinding[]>;

/** Longer than one look ever takes (`verify`), twice. */
export const packetSeconds = 25;

/** Neighbours have to hear of what moved: a first look right after a change is not the last word. */
const againAfterMs = 2_000;

/**
 * What packets proved before the change has to be so after it: what is worse is `wrong`, and has everything taken back. What
 * is not right yet, on a fresh host, say, or because the provider is down, is told to the person who confirms.
 */
export async function preparePackets(
  { host, facts }: Described,
  look: LookAtPackets,
): Promise<Verification> {
  // Where there is no bridge yet, nothing of it can become worse; and a look at nothing takes its whole time.
  const isThere = facts.kernel?.devices.some(({ name }) => name === host.inside.device) === true;
  const before = isThere ? await look() : [];
  return async () => {
    let after = await look();
    if (worse(before, after).length > 0) {
      await new Promise((resolve) => setTimeout(resolve, againAfterMs));
      after = await look();
    }
    const lost = new Set(worse(before, after));
    return after.flatMap((finding): readonly Finding[] => {
      if (finding.state !== 'wrong') return [];
      const { what, cause, remedy } = finding;
      return [
        lost.has(finding)
          ? wrong(`it was right before: ${what}`, `${cause}\n${remedy}`)
          : doubtful(`${what} ${cause}`, remedy),
      ];
    });
  };
}

/** By what each check is about, which was right in every place before. */
function worse(
  before: readonly VerifyFinding[],
  after: readonly VerifyFinding[],
): readonly VerifyFinding[] {
  const notRight = new Set(before.filter(({ state }) => state !== 'ok').map(({ id }) => id));
  const right = new Set(before.map(({ id }) => id).filter((id) => !notRight.has(id)));
  return after.filter(({ id, state }) => state === 'wrong' && right.has(id));
}
