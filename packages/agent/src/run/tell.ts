import { SixhubError } from '@sixhub/base';
import type { CertificateName, HostWord } from '@sixhub/protocol';
import type { Missing } from '../ports.js';
import { asDeployment, type Memory, type Remembered } from '../domain/remembered.js';
import { keep } from './keep.js';
import type { RunParts } from './parts.js';

export interface Entry {
  readonly name: CertificateName;
  readonly state: Remembered;
}

export function asMemory(entries: readonly Entry[]): Memory {
  return Object.fromEntries(entries.map(({ name, state }) => [name, state]));
}

/**
 * Reports what the hub has not heard yet, of this run or of one before. False where it could not be told: the results
 * are on disk, and the next run tells them.
 */
export async function tellHub(
  { hub, store, journal, host: readHost }: Pick<RunParts, 'hub' | 'store' | 'journal' | 'host'>,
  entries: readonly Entry[],
  missing: readonly Missing[],
): Promise<boolean> {
  const unheard = entries.filter(({ state }) => !state.reported);
  const isMissingTold = isSame(missing, await store.readToldMissing());
  const host = await readHost();
  const isHostTold = isSameHost(host, await store.readToldHost());
  if (unheard.length === 0 && isMissingTold && isHostTold) return true;
  try {
    await hub.report({
      deployments: unheard.map(({ name, state }) => asDeployment(name, state)),
      ...(isMissingTold ? {} : { missing: [...missing] }),
      ...(isHostTold ? {} : { host: host ?? null }),
    });
  } catch (error) {
    if (!(error instanceof SixhubError)) throw error;
    journal(`the hub could not be told: ${error.fact}; the next run tells it`);
    return false;
  }
  if (!isMissingTold) {
    await keep(journal, 'what the hub was told', () => store.writeToldMissing(missing));
  }
  if (!isHostTold) {
    await keep(journal, 'what the hub was told', () => store.writeToldHost(host));
  }
  if (unheard.length === 0) return true;
  const heard = entries.map(({ name, state }) => ({ name, state: { ...state, reported: true } }));
  await keep(journal, 'that the hub was told', () => store.writeMemory(asMemory(heard)));
  return true;
}

function isSameHost(one: HostWord | undefined, other: HostWord | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function isSame(some: readonly Missing[], others: readonly Missing[]): boolean {
  const words = ({ service, certificate }: Missing): string => `${service} ${certificate}`;
  return some.map(words).sort().join() === others.map(words).sort().join();
}
