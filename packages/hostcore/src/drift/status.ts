import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errorText, SixhubError, writeWhole } from '@sixhub/base';
import type { Difference } from '../domain/drift.js';
import type { VerifyFinding } from '../domain/verify/finding.js';

/**
 * How the host was when it was last looked at, for whoever wants to know: hub-agent reports it. Others read it without
 * being root. Whoever reads it must look at `at`: a host that is not looked at any more leaves an old one.
 */
export interface HostStatus {
  readonly host: string | null;
  readonly at: string;
  readonly state: HostState;
  readonly differences: readonly Difference[];
  /** What could not be compared. */
  readonly unseen: readonly string[];
  /** null where no packet was asked. */
  readonly verified: Verified | null;
  /** Why nothing could be looked at. */
  readonly error: string | null;
}

/** `unknown`: it was not all seen, and nothing that was is wrong. */
export const hostStates = ['right', 'drifted', 'unknown', 'failed'] as const;
export type HostState = (typeof hostStates)[number];

export interface Verified {
  readonly seconds: number;
  readonly findings: readonly VerifyFinding[];
}

export function stateOf(
  differences: readonly Difference[],
  unseen: readonly string[],
  verified: Verified | null,
): HostState {
  const wrong = verified?.findings.some(({ state }) => state === 'wrong') === true;
  if (differences.length > 0 || wrong) return 'drifted';
  const blind = verified !== null && !verified.findings.some(({ state }) => state === 'ok');
  return unseen.length > 0 || blind ? 'unknown' : 'right';
}

export async function writeStatus(file: string, status: HostStatus): Promise<void> {
  await put(file, `${JSON.stringify(status)}\n`, '--status');
}

/** Whole, or not at all: a collector may read at any moment. */
export async function put(file: string, text: string, option: string): Promise<void> {
  try {
    if (option === '--status') await mkdir(dirname(file), { recursive: true, mode: 0o755 });
    await writeWhole(file, text, { mode: 0o644 });
  } catch (error) {
    throw new SixhubError({
      code: 'drift-not-written',
      fact: `${file} can't be written: ${errorText(error)}`,
      hint: `Name another place with ${option}, or make its directory.`,
      cause: error,
    });
  }
}
