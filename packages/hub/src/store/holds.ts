import { certificateName, type CertificateName } from '@sixhub/protocol';
import type { ProblemKind } from '@sixhub/acme';
import type { Selectable } from 'kysely';
import type { Hold } from '../domain/hold.js';
import type { Database } from './database.js';
import type { Tables } from './schema.js';

/** Which authority is not to be asked until when. */
export interface HoldStore {
  /** Those on the whole authority and on this certificate, over or not. */
  of(directory: string, certificate: CertificateName): Promise<readonly Hold[]>;
  ofAuthority(directory: string): Promise<Hold | undefined>;
  /** On questions for renewal information alone: it says nothing about orders. */
  ofRenewalInfo(directory: string): Promise<Hold | undefined>;
  save(hold: Hold): Promise<void>;
  /** Its `certificate` is undefined. */
  saveOfRenewalInfo(hold: Hold): Promise<void>;
  /**
   * What was begun at `triedAt` went well: ends what was held before, for this certificate and as a whole. What the
   * authority ordered since, or ordered until later, stays.
   */
  clear(directory: string, certificate: CertificateName, triedAt: Date, now: Date): Promise<void>;
  /** A person wants it tried now: ends what no authority ordered; failures are still counted. */
  hurry(certificate: CertificateName, now: Date): Promise<void>;
}

const whole = '';
/** No certificate has such a name. */
const renewalInfo = '/renewal-info';

export function holdStore(db: Database): HoldStore {
  const find = async (directory: string, subject: string): Promise<Hold | undefined> => {
    const row = await db
      .selectFrom('authority_holds')
      .selectAll()
      .where('directory', '=', directory)
      .where('subject', '=', subject)
      .executeTakeFirst();
    return row && toHold(row);
  };
  const save = async (subject: string, hold: Hold): Promise<void> => {
    const content = {
      since: hold.since.toISOString(),
      until: hold.until.toISOString(),
      failures: hold.failures,
      ordered: hold.ordered ? 1 : 0,
      kind: hold.kind,
      fact: hold.fact,
    };
    await db
      .insertInto('authority_holds')
      .values({ directory: hold.directory, subject, ...content })
      .onConflict((conflict) => conflict.columns(['directory', 'subject']).doUpdateSet(content))
      .execute();
  };
  return {
    async of(directory, certificate) {
      const rows = await db
        .selectFrom('authority_holds')
        .selectAll()
        .where('directory', '=', directory)
        .where('subject', 'in', [whole, certificate])
        .execute();
      return rows.map(toHold);
    },
    ofAuthority: (directory) => find(directory, whole),
    ofRenewalInfo: (directory) => find(directory, renewalInfo),
    save: (hold) => save(hold.certificate ?? whole, hold),
    saveOfRenewalInfo: (hold) => save(renewalInfo, hold),
    async clear(directory, certificate, triedAt, now) {
      await db
        .deleteFrom('authority_holds')
        .where('directory', '=', directory)
        .where('subject', 'in', [whole, certificate])
        .where(({ and, or, eb }) =>
          or([
            and([
              eb('since', '<=', triedAt.toISOString()),
              or([eb('ordered', '=', 0), eb('until', '<=', now.toISOString())]),
            ]),
            eb('since', '>', now.toISOString()), // of a clock that was ahead
          ]),
        )
        .execute();
    },
    async hurry(certificate, now) {
      await db
        .updateTable('authority_holds')
        .set({ until: now.toISOString() })
        .where('subject', 'in', [whole, certificate])
        .where('ordered', '=', 0)
        .where('until', '>', now.toISOString())
        .execute();
    },
  };
}

function toHold(row: Selectable<Tables['authority_holds']>): Hold {
  return {
    directory: row.directory,
    certificate: isCertificate(row.subject) ? certificateName.parse(row.subject) : undefined,
    since: new Date(row.since),
    until: new Date(row.until),
    failures: row.failures,
    ordered: row.ordered === 1,
    kind: row.kind as ProblemKind, // written by `save` alone, from the same type
    fact: row.fact,
  };
}

function isCertificate(subject: string): boolean {
  return subject !== whole && subject !== renewalInfo;
}
