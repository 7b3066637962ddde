import type { WantedCertificate } from '@sixhub/protocol';
import { checkBundle } from '../live/bundle-check.js';
import type { Staged } from '../ports.js';
import type { RunParts } from './parts.js';

/** The wanted version as a directory beside live: an earlier run's, or fetched, checked and staged now. */
export async function obtain(
  { hub, tree, clock, journal }: Pick<RunParts, 'hub' | 'tree' | 'clock' | 'journal'>,
  wanted: WantedCertificate,
): Promise<Staged> {
  const earlier = await tree.find(wanted);
  if (earlier !== undefined) return { kind: 'staged', target: earlier };
  const answer = await hub.bundle(wanted.name);
  if (answer.kind === 'refused') return { kind: 'failed', why: answer.why };
  const checked = checkBundle(wanted, answer.bundle, clock.now());
  if (checked.kind === 'unsound') return { kind: 'failed', why: checked.why };
  const staged = await tree.stage(checked.bundle);
  if (staged.kind === 'staged') {
    journal(
      `certificate ${wanted.name}: version ${wanted.version} fetched, checked and staged, valid until ${wanted.notAfter}`,
    );
  }
  return staged;
}
