import type { WantedCertificate } from '@sixhub/protocol';
import { checkBundle } from '../live/bundle-check.js';
import type { Staged } from '../ports.js';
import type { RunParts } from './parts.js';

type ObtainParts = Pick<RunParts, 'hub' | 'tree' | 'copies' | 'clock' | 'journal'>;

/** The wanted version as a directory beside live, and its copies beside their places: all that a switch needs. */
export async function obtain(parts: ObtainParts, wanted: WantedCertificate): Promise<Staged> {
  const staged = await obtainVersion(parts, wanted);
  if (staged.kind === 'failed') return staged;
  const words = await parts.copies.stage(wanted.name, staged.target);
  if (words === undefined) return staged;
  await parts.copies.tidy(wanted.name);
  return { kind: 'failed', why: words };
}

/** An earlier run's, or fetched, checked and staged now. */
async function obtainVersion(
  { hub, tree, clock, journal }: ObtainParts,
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
