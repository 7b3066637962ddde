import { SixhubError } from '@sixhub/base';
import type { CertificateName } from '@sixhub/protocol';
import { asDeployment, type Memory, type Remembered } from '../domain/remembered.js';
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
  { hub, store, journal }: Pick<RunParts, 'hub' | 'store' | 'journal'>,
  entries: readonly Entry[],
): Promise<boolean> {
  const unheard = entries.filter(({ state }) => !state.reported);
  if (unheard.length === 0) return true;
  try {
    await hub.report({
      deployments: unheard.map(({ name, state }) => asDeployment(name, state)),
    });
  } catch (error) {
    if (!(error instanceof SixhubError)) throw error;
    journal(`the hub could not be told: ${error.fact}; the next run tells it`);
    return false;
  }
  const heard = entries.map(({ name, state }) => ({ name, state: { ...state, reported: true } }));
  await store.writeMemory(asMemory(heard));
  return true;
}
