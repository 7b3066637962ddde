import type { Database } from './database.js';

/** Terms of service of each authority: those that its directory names, and those that we go by. */
export interface TermsStore {
  /** Directories of whose terms it is time to look; those that were never looked at, too. */
  due(directories: readonly string[], now: Date): Promise<readonly string[]>;
  /** The first that are seen are those that the account agreed to. */
  saw(directory: string, url: string | undefined, now: Date, lookAt: Date): Promise<void>;
  lookLater(directory: string, now: Date, lookAt: Date): Promise<void>;
  /** A person has read them. */
  agree(directory: string): Promise<void>;
  changed(): Promise<readonly ChangedTerms[]>;
}

export interface ChangedTerms {
  readonly directory: string;
  readonly url: string;
  readonly since: Date;
}

export function termsStore(db: Database): TermsStore {
  return {
    async due(directories, now) {
      const rows = await db
        .selectFrom('authority_terms')
        .select('directory')
        .where('look_at', '>', now.toISOString())
        .execute();
      const later = new Set(rows.map(({ directory }) => directory));
      return directories.filter((directory) => !later.has(directory));
    },
    async saw(directory, url, now, lookAt) {
      const present = url ?? null;
      const times = { changed_at: now.toISOString(), look_at: lookAt.toISOString() };
      await db.transaction().execute(async (transaction) => {
        const before = await transaction
          .selectFrom('authority_terms')
          .select(['agreed', 'present', 'changed_at'])
          .where('directory', '=', directory)
          .executeTakeFirst();
        const content = {
          agreed: before?.agreed ?? present,
          present,
          look_at: times.look_at,
          changed_at: before?.present === present ? before.changed_at : times.changed_at,
        };
        await transaction
          .insertInto('authority_terms')
          .values({ directory, ...content })
          .onConflict((conflict) => conflict.column('directory').doUpdateSet(content))
          .execute();
      });
    },
    async lookLater(directory, now, lookAt) {
      const look_at = lookAt.toISOString();
      await db
        .insertInto('authority_terms')
        .values({ directory, agreed: null, present: null, changed_at: now.toISOString(), look_at })
        .onConflict((conflict) => conflict.column('directory').doUpdateSet({ look_at }))
        .execute();
    },
    async agree(directory) {
      await db
        .updateTable('authority_terms')
        .set(({ ref }) => ({ agreed: ref('present') }))
        .where('directory', '=', directory)
        .execute();
    },
    async changed() {
      const rows = await db
        .selectFrom('authority_terms')
        .select(['directory', 'present', 'changed_at'])
        .where('present', 'is not', null)
        .whereRef('present', '!=', 'agreed')
        .execute();
      return rows.flatMap(({ directory, present, changed_at: since }) =>
        present === null ? [] : [{ directory, url: present, since: new Date(since) }],
      );
    },
  };
}
