import { sql, type Kysely, type Migration } from 'kysely';

/**
 * What the REST API reads and remembers: pages of long lists without a look at all rows, events to follow, requests
 * that are to be answered once, tokens that end.
 *
 * The newest version and issuance of a certificate are kept beside its name, and the events are written, by triggers:
 * in the transaction of the change itself, whoever makes it, so that neither can be forgotten or told of what was
 * rolled back.
 */
export const restMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of [...newest, ...indexes, ...events, ...remembered]) {
      await sql.raw(statement).execute(db);
    }
  },
};

const newestVersion = (column: string): string =>
  `(select ${column} from versions where certificate = certificates.name order by issued_at desc limit 1)`;

/** When a quarter of its lifetime is left: by then it should have been renewed, by whichever rule. */
const lateAt = newestVersion(
  `strftime('%Y-%m-%dT%H:%M:%fZ', julianday(not_after) - (julianday(not_after) - julianday(not_before)) / 4)`,
);
const follow = `version = ${newestVersion('id')}, not_after = ${newestVersion('not_after')}, late_at = ${lateAt}`;

const newest: readonly string[] = [
  'alter table certificates add column version text',
  'alter table certificates add column not_after text',
  'alter table certificates add column late_at text',
  'alter table certificates add column issuance text',
  'create index issuances_newest on issuances (certificate, created_at)',
  `update certificates set ${follow},
    issuance = (select id from issuances where certificate = certificates.name order by created_at desc limit 1)`,
  'create index certificates_not_after on certificates (not_after)',
  'create index certificates_late_at on certificates (late_at)',
  `create trigger versions_newest_stored after insert on versions begin
    update certificates set ${follow} where name = new.certificate;
  end`,
  `create trigger versions_newest_redated after update of issued_at on versions begin
    update certificates set ${follow} where name = new.certificate;
  end`,
  `create trigger versions_newest_removed after delete on versions begin
    update certificates set ${follow} where name = old.certificate and version = old.id;
  end`,
  `create trigger issuances_newest_made after insert on issuances begin
    update certificates set issuance = new.id where name = new.certificate;
  end`,
];

const indexes: readonly string[] = [
  // None of these is partial: what is compared is bound to the statement, and no partial index is taken for that.
  'create index issuances_stage on issuances (stage)',
  'create index grants_certificate on grants (certificate)',
  'create index deployments_certificate on deployments (certificate)',
  // The services' document is written by this program alone, so that its states look so.
  `alter table deployments add column failed integer generated always as (installed = 0
    or instr(services, '"state":"rolled-back"') or instr(services, '"state":"not-serving"')
    or instr(services, '"state":"broken-before"')) virtual`,
  'create index deployments_failed on deployments (failed)',
  "alter table delegations add column state text generated always as (json_extract(watch, '$.state')) virtual",
  'create index delegations_state on delegations (state, domain)',
  'create index audit_object on audit (object, seq)',
  'create index audit_actor on audit (actor, seq)',
];

/** So many are kept, for who comes back with the last that it saw. */
const keptEvents = 100_000;

const now = "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')";
const states = (row: 'old' | 'new'): string =>
  `(select group_concat(json_extract(value, '$.service') || ' ' || json_extract(value, '$.state'))
    from json_each(${row}.services))`;
const deployment = `insert into events (at, kind, object, detail) select new.reported_at, 'deployment.reported',
  new.certificate, json_object('agent', name, 'version', new.version,
  'installed', json(iif(new.installed, 'true', 'false')), 'detail', new.detail, 'services', json(new.services))
  from agents where id = new.agent_id;`;
const agent = (kind: string): string =>
  `insert into events (at, kind, object, detail)
    values (${now}, ${kind}, new.name, json_object('lastSeenAt', new.last_seen_at));`;

const events: readonly string[] = [
  `create table events (seq integer primary key autoincrement, at text not null, kind text not null,
    object text not null, detail text not null)`,
  `create trigger events_kept after insert on events begin
    delete from events where seq <= new.seq - ${keptEvents};
  end`,
  `create trigger steps_told after insert on steps begin
    insert into events (at, kind, object, detail)
    select new.at,
      iif(json_extract(new.step, '$.kind') = 'stored', 'version.stored', 'issuance.' || json_extract(new.step, '$.kind')),
      certificate, json_object('issuance', id, 'step', json(new.step))
    from issuances where id = new.issuance;
  end`,
  `create trigger versions_revoked after update of revoked_at on versions when new.revoked_at is not null begin
    insert into events (at, kind, object, detail) values (new.revoked_at, 'version.revoked', new.certificate,
      json_object('version', new.id, 'reason', new.revoked_reason));
  end`,
  `create trigger deployments_first after insert on deployments begin ${deployment} end`,
  `create trigger deployments_changed after update on deployments
    when old.version <> new.version or old.installed <> new.installed or ${states('old')} is not ${states('new')}
    begin ${deployment} end`,
  `create trigger delegations_gone after update of gone on delegations
    when old.gone <> new.gone and new.watch is not null begin
    insert into events (at, kind, object, detail) values (
      json_extract(new.watch, '$.since'), iif(new.gone, 'delegation.gone', 'delegation.back'), new.domain,
      json_object('target', new.target, 'seen', json_extract(new.watch, '$.seen')));
  end`,
  'alter table agents add column silent integer not null default 0',
  `create trigger agents_invited after insert on agents begin ${agent("'agent.invited'")} end`,
  `create trigger agents_changed after update of status on agents when old.status <> new.status begin
    ${agent("iif(new.status = 'active', 'agent.enrolled', 'agent.removed')")}
  end`,
  `create trigger agents_heard after update of last_seen_at on agents when new.silent = 1 begin
    update agents set silent = 0 where id = new.id;
  end`,
  `create trigger agents_silent after update of silent on agents when old.silent <> new.silent begin
    ${agent("iif(new.silent, 'agent.silent', 'agent.back')")}
  end`,
];

const remembered: readonly string[] = [
  'alter table api_tokens add column expires_at text',
  'alter table api_tokens add column last_used_at text',
  `create table idempotency_keys (actor text not null, key text not null, request text not null, at text not null,
    status integer, body text, primary key (actor, key))`,
  'create index idempotency_keys_at on idempotency_keys (at)',
];
