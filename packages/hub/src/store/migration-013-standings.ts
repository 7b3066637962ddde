import { sql, type Kysely, type Migration } from 'kysely';

/**
 * What is told of each service on each machine: since when an agent is what it is and may have what it may, and which
 * certificates its services name without its having them.
 *
 * And which agents' manifests changed, for requests that are held until theirs does: written by triggers, in the
 * transaction of the change itself and whichever process makes it, so that none can be forgotten.
 */
export const standingsMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of [...columns, ...wants, ...changes])
      await sql.raw(statement).execute(db);
  },
};

const columns: readonly string[] = [
  'alter table agents add column status_at text',
  'alter table grants add column granted_at text',
];

const wants: readonly string[] = [
  `create table wants (agent_id text not null references agents (id), service text not null, certificate text not null,
    primary key (agent_id, service, certificate))`,
  'create index wants_certificate on wants (certificate)',
];

/** Who has missed so many looks at all. */
const keptChanges = 10_000;

const trigger = (name: string, when: string, column: string, value: string): string =>
  `create trigger manifest_${name} after ${when} begin
    insert into manifest_changes (${column}) values (${value});
  end`;

const changes: readonly string[] = [
  `create table manifest_changes (seq integer primary key autoincrement, certificate text, agent_id text)`,
  `create trigger manifest_changes_kept after insert on manifest_changes begin
    delete from manifest_changes where seq <= new.seq - ${keptChanges};
  end`,
  trigger('version_stored', 'insert on versions', 'certificate', 'new.certificate'),
  trigger(
    'version_changed',
    'update of issued_at, revoked_at on versions',
    'certificate',
    'new.certificate',
  ),
  trigger('version_removed', 'delete on versions', 'certificate', 'old.certificate'),
  trigger('names_changed', 'update of names, key_kind on certificates', 'certificate', 'new.name'),
  trigger('granted', 'insert on grants', 'agent_id', 'new.agent_id'),
  trigger('ungranted', 'delete on grants', 'agent_id', 'old.agent_id'),
  trigger('agent_changed', 'update of status on agents', 'agent_id', 'new.id'),
];
