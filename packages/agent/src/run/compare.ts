import { errorText } from '@sixhub/base';
import type { WantedCertificate } from '@sixhub/protocol';
import { decide, type Decision } from '../domain/decision.js';
import type { Remembered } from '../domain/remembered.js';
import type { Installed } from '../domain/version.js';
import type { RunOptions, RunParts } from './parts.js';
import { startsOf } from './starts.js';
import { withCopies } from './with-copies.js';

/** A certificate that the hub wants here, what is here, and what is to be done about the difference. */
export interface Case {
  readonly wanted: WantedCertificate;
  readonly installed: Installed;
  readonly decision: Decision;
}

/** What is wrong with one certificate's place in the tree is no reason to leave the others. */
export async function compareApart(
  parts: RunParts,
  options: RunOptions,
  wanted: WantedCertificate,
  remembered: Remembered | undefined,
): Promise<Case> {
  try {
    return await compare(parts, options, wanted, remembered);
  } catch (error) {
    const why = errorText(error);
    return { wanted, installed: { kind: 'damaged', why }, decision: { kind: 'blocked', why } };
  }
}

async function compare(
  parts: RunParts,
  { adopt, eager }: RunOptions,
  wanted: WantedCertificate,
  remembered: Remembered | undefined,
): Promise<Case> {
  const found = await parts.tree.look(wanted.name);
  if (found.kind === 'foreign' && adopt) {
    parts.journal(`certificate ${wanted.name}: to be taken over`);
    return { wanted, installed: found, decision: { kind: 'install', why: 'taken over' } };
  }
  const installed = await withCopies(parts.copies, wanted.name, found);
  const services = parts.services.filter(({ certificates }) => certificates.includes(wanted.name));
  const now = parts.clock.now();
  const starts = await startsOf(parts, services);
  const decision = decide({ wanted, installed, remembered, services, starts, now, eager });
  if (decision.kind === 'install' || decision.kind === 'look') {
    parts.journal(`certificate ${wanted.name}: ${decision.why}`);
  }
  return { wanted, installed, decision };
}
