import { systemClock } from '@sixhub/base';
import { caHeader, instanceHeader } from '@sixhub/protocol';
import type { AgentConfig } from '../config/agent-toml.js';
import { openHub } from '../hub/client.js';
import { shutHub } from '../hub/shut-hub.js';
import { authoritiesIn, issuerAmong } from '../hub/trust.js';
import type { Hub } from '../ports.js';
import type { StoredIdentity } from '../state/identity-file.js';
import { readInstance } from '../state/instance.js';
import { expiryOf } from './enrolled.js';

/** The hub that this machine was enrolled at, told with each request which machine asks and which CA it goes by. */
export async function openOwnHub(
  { state }: AgentConfig,
  identity: StoredIdentity,
  signal: AbortSignal,
): Promise<Hub & Disposable> {
  const expired = expiryOf(identity, systemClock.now());
  if (expired !== undefined) return shutHub(expired);
  const instance = await readInstance(state);
  const ca = issuerAmong(authoritiesIn(identity.ca), identity.certificate);
  const headers = {
    ...(instance === undefined ? {} : { [instanceHeader]: instance }),
    ...(ca === undefined ? {} : { [caHeader]: ca }),
  };
  return openHub({ ...identity, headers }, signal);
}
