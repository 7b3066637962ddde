import { sql, type Kysely, type Migration } from 'kysely';

/**
 * Keys that are made on an agent and stay there: which agent's, the request that it made of one, and versions without a
 * sealed key. Who is asked for a key has another manifest from then on.
 */
export const keysOnAgentsMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};

/** The certificate's agents hear of it; only those that make keys are woken. */
const wake = (name: string, when: string): string =>
  `create trigger manifest_${name} after ${when} when new.key_on is not null begin
    insert into manifest_changes (certificate) values (new.certificate);
  end`;

const statements: readonly string[] = [
  'alter table certificates add column key_on text',
  'alter table issuances add column key_on text',
  'alter table issuances add column request text',
  'alter table issuances add column request_key text',
  'create index issuances_request_key on issuances (request_key) where request_key is not null',
  // Each agent's manifest asks.
  'create index issuances_key_on on issuances (key_on, stage) where key_on is not null',
  'alter table versions add column key_on text',
  // SQLite takes no NOT NULL away; a column in its place has none.
  'alter table versions add column sealed blob',
  'update versions set sealed = sealed_key',
  'alter table versions drop column sealed_key',
  'alter table versions rename column sealed to sealed_key',
  wake('key_wanted', 'insert on issuances'),
  wake('key_answered', 'update of stage, request on issuances'),
];
