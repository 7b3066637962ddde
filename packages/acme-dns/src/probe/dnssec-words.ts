import { formatDuration } from '@sixhub/base';
import type { DomainName } from '../domain/domain-name.js';
import { isOverdue } from '../domain/signature-life.js';
import { notTested, ok, wrong, type Finding } from './finding.js';
import type { Verdict } from './signed-set.js';

/** What every finding speaks of. */
export interface DnssecPlace {
  readonly zone: string;
  readonly zoneName: DomainName;
  readonly parent: string;
  readonly who: string;
  readonly now: Date;
}

/** A verdict as a person reads it. `by` says which keys might sign: those of a DS record, or the zone's. */
export function setFinding(
  { zone, parent, who, now }: DnssecPlace,
  what: string,
  verdict: Verdict,
  by: 'DS' | 'zone',
): Finding {
  const subject = `${who}: ${what}`;
  const clock = `this machine's clock says ${text(now)}`;
  switch (verdict.kind) {
    case 'valid': {
      const { ends } = verdict.life;
      if (isOverdue(verdict.life, now))
        return wrong(
          `${subject}: signed until ${text(ends)}, ${formatDuration(ends.getTime() - now.getTime())} from now, and not signed anew`,
          `Does what signs ${zone} still run? When that time has passed, validating resolvers take nothing from it.`,
        );
      const wildcard = verdict.wildcard
        ? ', out of a wildcard (whether NSEC allows that is not tested)'
        : '';
      return ok(`${subject}: signed by key ${verdict.tag} until ${text(ends)}${wildcard}`);
    }
    case 'over':
      return wrong(
        `${subject}: the signature by key ${verdict.tag} ended at ${text(verdict.life.ends)} (${clock}): validating resolvers do not take it`,
        `Have ${zone} signed anew, and see why what signs it stopped.`,
      );
    case 'early':
      return wrong(
        `${subject}: the signature by key ${verdict.tag} holds only from ${text(verdict.life.begins)} on (${clock}): validating resolvers do not take it`,
        'Correct the clock of the machine that signs, or of this one.',
      );
    case 'forged':
      return wrong(
        `${subject}: the signature by key ${verdict.tag} does not fit what it signs: validating resolvers do not take it`,
        `Something was changed after it was signed: have ${zone} signed anew, on every server.`,
      );
    case 'foreign key':
      return wrong(
        `${subject}: signed by key ${verdict.tag}, which ${by === 'DS' ? `no DS record in ${parent} stands for` : `is none of the zone's`}: validating resolvers do not take it`,
        `Finish the change of keys: the signing key has to be in the zone${by === 'DS' ? `, its DS record in ${parent}` : ''}.`,
      );
    case 'unknown algorithm':
      return notTested(
        `${subject}: signed by algorithm ${verdict.algorithm}, which is not known here`,
        `Resolvers may know it: \`delv ${zone} SOA\` asks one.`,
      );
    case 'unsigned':
      return wrong(
        `${subject}: not signed, and ${parent} has a DS record for ${zone}: validating resolvers do not take it`,
        `Have ${zone} signed, and see that this server sends signatures; else remove the DS record at the registrar.`,
      );
    default:
      return verdict satisfies never;
  }
}

function text(time: Date): string {
  return time.toISOString().replace(/\.\d+Z$/, 'Z');
}
