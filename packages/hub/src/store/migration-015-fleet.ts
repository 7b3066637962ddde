import { sql, type Kysely, type Migration } from 'kysely';

/**
 * Which program each agent is; and rollouts: a new version that goes to a few agents first. That one begins, and which
 * version an agent should have meanwhile, is decided here, in the transaction that stores the version: an agent that
 * waits for news would have it a moment later.
 */
export const fleetMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of [...programs, ...tables, ...begins, ...ends, ...told]) {
      await sql.raw(statement).execute(db);
    }
  },
};

const programs: readonly string[] = [
  'alter table agents add column program text',
  'alter table agents add column node text',
  // Its order among versions (agent-program.ts).
  'alter table agents add column program_rank integer',
];

const tables: readonly string[] = [
  `create table rollout_policies (certificate text primary key references certificates (name), always text, next text)`,
  `create table rollouts (version text primary key, certificate text not null, base text not null, plan text not null,
    state text not null, because text not null, place text, batch integer not null, started_at text not null,
    changed_at text not null)`,
  'create index rollouts_certificate on rollouts (certificate)',
  'create index rollouts_state on rollouts (state)',
  // Without a time: it keeps a version that is not the rollout's base, as it was given the one between.
  `create table rollout_agents (version text not null, agent_id text not null references agents (id), keeps text,
    batch integer, given_at text, accepted integer not null default 0, primary key (version, agent_id))`,
  `create view wanted_versions as
    select g.agent_id, g.certificate,
      iif(r.version is null or (r.state <> 'back' and a.given_at is not null), c.version, coalesce(a.keeps, r.base))
        as version,
      iif(r.version is null or (r.state <> 'back' and a.given_at is not null), 0, 1) as waits,
      a.given_at
    from grants g
    left join certificates c on c.name = g.certificate
    left join rollouts r on r.version = c.version and r.state <> 'done'
    left join rollout_agents a on a.version = r.version and a.agent_id = g.agent_id`,
];

const policy = `(select coalesce(next, always) from rollout_policies where certificate = new.certificate)`;
const prior = `(select id from versions where certificate = new.certificate and id <> new.id order by issued_at desc limit 1)`;

const begins: readonly string[] = [
  // One trigger: of several, SQLite does not say which is first. No rollout where a key is on its machine alone: there is
  // nobody who could have the version first, or keep the one before.
  `create trigger rollouts_begun after insert on versions
    when exists (select 1 from rollout_policies where certificate = new.certificate) begin
    insert into rollouts (version, certificate, base, plan, state, because, batch, started_at, changed_at)
      select new.id, new.certificate, b.id, ${policy}, 'running', '', 0, new.issued_at, new.issued_at
      from versions p left join rollouts o on o.version = p.id and o.state <> 'done'
      join versions b on b.id = coalesce(o.base, p.id)
      where ${policy} like '{%' and p.id = ${prior} and b.revoked_at is null
        and new.key_on is null and b.key_on is null;
    insert into rollout_agents (version, agent_id, keeps)
      select new.id, a.agent_id, iif(a.given_at is null, a.keeps, o.version)
      from rollouts o join rollout_agents a on a.version = o.version
      where o.version = ${prior} and o.state in ('running', 'stopped')
        and exists (select 1 from rollouts where version = new.id);
    update rollout_agents set batch = 0, given_at = new.issued_at where version = new.id
      and keeps in (select id from versions where certificate = new.certificate and revoked_at is not null);
    update rollout_policies set next = null where certificate = new.certificate;
    delete from rollout_policies where certificate = new.certificate and always is null;
  end`,
];

const ends: readonly string[] = [
  // What is revoked is kept by nobody, and given to nobody.
  `create trigger rollouts_revoked after update of revoked_at on versions when new.revoked_at is not null begin
    update rollouts set state = 'done', because = 'base-revoked', changed_at = new.revoked_at
      where base = new.id and state <> 'done';
    update rollout_agents set batch = coalesce(batch, 0), given_at = new.revoked_at
      where keeps = new.id and given_at is null
      and version in (select version from rollouts where certificate = new.certificate and state <> 'done');
    update rollout_agents set keeps = null where keeps = new.id
      and version in (select version from rollouts where certificate = new.certificate and state = 'back');
    update rollouts set state = 'stopped', because = 'revoked', changed_at = new.revoked_at
      where version = new.id and state = 'running';
  end`,
];

const event = (kind: string, detail: string): string =>
  `insert into events (at, kind, object, detail) values (new.changed_at, ${kind}, new.certificate, json_object(${detail}));`;
const change = (column: string, value: string): string =>
  `insert into manifest_changes (${column}) values (${value});`;

const told: readonly string[] = [
  `create trigger rollouts_started after insert on rollouts begin
    ${event("'rollout.started'", "'version', new.version, 'base', new.base")}
  end`,
  `create trigger rollouts_changed after update of state on rollouts when old.state <> new.state begin
    ${event("'rollout.' || iif(new.state = 'running', 'continued', new.state)", "'version', new.version, 'because', new.because, 'place', json(new.place)")}
    ${change('certificate', 'new.certificate')}
  end`,
  `create trigger rollouts_next_batch after update of batch on rollouts when old.batch < new.batch begin
    ${event("'rollout.batch'", "'version', new.version, 'batch', new.batch")}
  end`,
  `create trigger manifest_given after insert on rollout_agents when new.given_at is not null begin
    ${change('agent_id', 'new.agent_id')}
  end`,
  `create trigger manifest_given_later after update of given_at on rollout_agents
    when old.given_at is null and new.given_at is not null begin
    ${change('agent_id', 'new.agent_id')}
  end`,
];
