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
  save(hold: Hold): Promise<void>;
  /** It answered well: for this certificate, and as a whole. */
  clear(directory: string, certificate: CertificateName): Promise<void>;
  /** A person wants it tried now: ends what no authority ordered; failures are still counted. */
  hurry(certificate: CertificateName, now: Date): Promise<void>;
}

const whole = '';

export function holdStore(db: Database): HoldStore {
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
    async ofAuthority(directory) {
      const row = await db
        .selectFrom('authority_holds')
        .selectAll()
        .where('directory', '=', directory)
        .where('subject', '=', whole)
        .executeTakeFirst();
      return row && toHold(row);
    },
    async save(hold) {
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
        .values({ directory: hold.directory, subject: hold.certificate ?? whole, ...content })
        .onConflict((conflict) => conflict.columns(['directory', 'subject']).doUpdateSet(content))
        .execute();
    },
    async clear(directory, certificate) {
      await db
        .deleteFrom('authority_holds')
        .where('directory', '=', directory)
        .where('subject', 'in', [whole, certificate])
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
    certificate: row.subject === whole ? undefined : certificateName.parse(row.subject),
    since: new Date(row.since),
    until: new Date(row.until),
    failures: row.failures,
    ordered: row.ordered === 1,
    kind: row.kind as ProblemKind, // written by `save` alone, from the same type
    fact: row.fact,
  };
}
