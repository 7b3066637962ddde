import { exitCodes, SixhubError } from '@sixhub/base';
import type { KeyRequest, WantedCertificate } from '@sixhub/protocol';
import { keep } from './keep.js';
import type { RunParts } from './parts.js';

export interface Desired {
  readonly wanted: readonly WantedCertificate[];
  /** Keys to make here; none where no hub could be asked. */
  readonly requests: readonly KeyRequest[];
  readonly unreached: SixhubError | undefined;
  readonly keptManifest: boolean;
}

/** Where no hub can be reached, or none lets it in by an old certificate, what it wanted last is still to be installed, proven and put right. */
export async function desiredState({
  hub,
  store,
  journal,
}: Pick<RunParts, 'hub' | 'store' | 'journal'>): Promise<Desired> {
  const known = await store.readManifest();
  try {
    const current = await hub.manifest(known);
    const keptManifest =
      current === known ||
      (await keep(journal, 'what the hub wants', () => store.writeManifest(current)));
    const { certificates: wanted, requests = [] } = current.manifest;
    return { wanted, requests, unreached: undefined, keptManifest };
  } catch (error) {
    if (known === undefined || !isUnreached(error)) throw error;
    journal(`${error.fact}; what it wanted last is gone by\n${error.hint}`);
    const { certificates: wanted } = known.manifest;
    return { wanted, requests: [], unreached: error, keptManifest: true };
  }
}

/** No hub answers, or none lets this machine in by the certificate that it has: neither says that it wants nothing. */
export function isUnreached(error: unknown): error is SixhubError {
  if (!(error instanceof SixhubError)) return false;
  return error.exit === exitCodes.unreachable || noLongerLetIn.has(error.code);
}

const noLongerLetIn: ReadonlySet<string> = new Set(['identity-expired', 'no-client-certificate']);
