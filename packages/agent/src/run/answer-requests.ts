import { errorText } from '@sixhub/base';
import { createCsr } from '@sixhub/base/certificate-request';
import type { CertificateName, KeyRequest, WantedCertificate } from '@sixhub/protocol';
import { isUnreached } from './desired-state.js';
import { keep } from './keep.js';
import type { RunParts } from './parts.js';

/** What became of one key that the hub wants made here. */
export interface AnsweredRequest {
  readonly certificate: CertificateName;
  /** `answered`: now; `waiting`: by an earlier run, and the certificate is still being made. */
  readonly state: 'answered' | 'waiting' | 'failed';
  /** Why it failed. */
  readonly detail: string;
}

type Parts = Pick<RunParts, 'hub' | 'keys' | 'journal'>;

/** First of all in a run: the authority is at work meanwhile. One that fails keeps nobody from the others. */
export async function answerRequests(
  parts: Parts,
  requests: readonly KeyRequest[],
): Promise<readonly AnsweredRequest[]> {
  const answered: AnsweredRequest[] = [];
  for (const request of requests) {
    const { certificate } = request;
    try {
      const state = await answer(parts, request);
      answered.push({ certificate, state, detail: '' });
    } catch (error) {
      const detail = errorText(error);
      parts.journal(`certificate ${certificate}: no key was made for the hub: ${detail}`);
      answered.push({ certificate, state: 'failed', detail });
      if (isUnreached(error)) break;
    }
  }
  return answered;
}

/** Its key is on the disk before the hub hears of it. */
async function answer(
  { hub, keys, journal }: Parts,
  request: KeyRequest,
): Promise<'answered' | 'waiting'> {
  const { id, certificate, names } = request;
  const key = await keys.forRequest(request);
  if (key.publicKey === request.answered) return 'waiting';
  const refused = await hub.answerRequest(id, await createCsr(names, key.pem));
  if (refused !== undefined) {
    // Otherwise its certificate may be there already, as where the answer to an earlier request was lost.
    if (refused.isForGood) await keys.discard(request);
    throw new Error(refused.why);
  }
  journal(`certificate ${certificate}: a key was made here, and asked for by its request`);
  return 'answered';
}

/**
 * Keys that nothing is waited for with any more: they are where their certificates are, or others are wanted. That a
 * request is gone says nothing: its certificate may be there, and be given to this machine later.
 */
export async function tidyKeys(
  { keys, tree, journal }: Pick<RunParts, 'keys' | 'tree' | 'journal'>,
  wanted: readonly WantedCertificate[],
  requests: readonly KeyRequest[],
): Promise<void> {
  await keep(journal, 'what is left of keys that were made here', async () => {
    for (const name of await keys.names()) {
      const version = wanted.find((one) => one.name === name);
      const installed = version && (await tree.look(name));
      const isInstalled =
        installed?.kind === 'whole' && installed.version.fingerprint === version?.fingerprint;
      if (version !== undefined && !isInstalled) continue;
      const open = requests.filter(({ certificate }) => certificate === name);
      if (open.length > 0 || (await keys.isInPlace(name))) await keys.keepOnly(name, open);
    }
  });
}
