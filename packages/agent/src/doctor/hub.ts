import { exitCodes, SixhubError } from '@sixhub/base';
import { ok, wrong, type Finding } from '@sixhub/base/finding';
import type { Manifest } from '@sixhub/protocol';

/** Asks one address of the hub for the manifest; throws a SixhubError as the hub's port does. */
export type ReachHub = (address: string) => Promise<Manifest>;

/** Each address by itself: a run is content with the first one that answers, and nobody hears of the others. */
export async function examineHub(
  address: string,
  reach: ReachHub,
): Promise<{ readonly findings: readonly Finding[]; readonly manifest: Manifest | undefined }> {
  try {
    const manifest = await reach(address);
    const many = manifest.certificates.length;
    const gives = many === 1 ? 'one certificate' : `${many} certificates`;
    return { findings: [ok(`it answers, and gives ${gives} to this machine`)], manifest };
  } catch (error) {
    if (!(error instanceof SixhubError)) throw error;
    const { fact, hint, exit } = error;
    const what = exit === exitCodes.unreachable ? fact.replace(`${address}: `, '') : fact;
    return { findings: [wrong(what, hint)], manifest: undefined };
  }
}
