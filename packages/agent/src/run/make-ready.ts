import type { Intents } from '../domain/intent.js';
import type { Installed } from '../domain/version.js';
import { wayBack, type WayBack } from '../domain/vote.js';
import type { Case } from './compare.js';
import { obtain } from './obtain.js';
import type { RunParts } from './parts.js';
import type { Subject } from './subject.js';

type Ready =
  | { readonly kind: 'subject'; readonly subject: Subject }
  /** `isOld`: told once is enough. */
  | { readonly kind: 'failed'; readonly why: string; readonly isOld: boolean };

/** All that comes before the switch of one certificate; undefined where nothing is to be done. */
export async function makeReady(
  parts: RunParts,
  each: Case,
  intents: Intents,
): Promise<Ready | undefined> {
  const { wanted, decision, installed } = each;
  const failed = (why: string, isOld = false): Ready => ({ kind: 'failed', why, isOld });
  const subject = (staged: string | undefined, previous: Installed | undefined): Ready => ({
    kind: 'subject',
    subject: subjectOf(parts, each, staged, previous),
  });
  switch (decision.kind) {
    case 'nothing':
    case 'wait':
      return undefined;
    case 'blocked':
      return failed(decision.why, true);
    case 'install': {
      const staged = await obtain(parts, wanted);
      if (staged.kind === 'failed') return failed(staged.why);
      // Not before there is something to take its place.
      const before = installed.kind === 'foreign' ? await parts.tree.adopt(wanted.name) : installed;
      return subject(staged.target, before);
    }
    case 'settle': {
      const before = await parts.tree.before(wanted.name);
      const staged = isAmiss(installed) ? await obtain(parts, wanted) : undefined;
      if (staged?.kind === 'failed') return failed(staged.why);
      const intent = intents[wanted.name];
      const known = intent?.version === wanted.version ? intent : undefined;
      return {
        kind: 'subject',
        subject: { ...subjectOf(parts, each, staged?.target, before), intent: known },
      };
    }
    case 'look':
      return subject(undefined, undefined);
    default:
      return decision satisfies never;
  }
}

function subjectOf(
  { services, clock }: RunParts,
  { wanted, installed }: Case,
  staged: string | undefined,
  previous: Installed | undefined,
): Subject {
  const back: WayBack =
    previous === undefined
      ? { kind: 'closed', why: 'nothing was switched' }
      : wayBack(previous, wanted, clock.now());
  const own = services.filter(({ certificates }) => certificates.includes(wanted.name));
  return { wanted, installed, staged, back, services: own, intent: undefined };
}

function isAmiss(installed: Installed): boolean {
  return installed.kind === 'whole' && installed.amiss !== undefined;
}
