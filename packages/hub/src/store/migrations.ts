import { sql, type Kysely, type Migration } from 'kysely';
import { keysMigration } from './migration-004-keys.js';
import { delegationWatchMigration } from './migration-005-delegation-watch.js';
import { failedAuthorizationsMigration } from './migration-006-failed-authorizations.js';
import { publicKeysMigration } from './migration-007-public-keys.js';
import { persistMigration } from './migration-008-persist.js';
import { revocationsMigration } from './migration-009-revocations.js';
import { restMigration } from './migration-010-rest.js';
import { alertsMigration } from './migration-012-alerts.js';
import { standingsMigration } from './migration-013-standings.js';
import { keysOnAgentsMigration } from './migration-014-keys-on-agents.js';
import { trustMigration } from './migration-016-trust.js';
import { fleetMigration } from './migration-015-fleet.js';
import { hostMigration } from './migration-018-host.js';
import { pushMigration } from './migration-017-push.js';
import { renewalMigration } from './migration-002-renewal.js';

/** Forward only, by name; a database that knows a name that is not here is newer than this program. */
export const migrations: Readonly<Record<string, Migration>> = {
  '001-first-light': {
    async up(db: Kysely<unknown>): Promise<void> {
      const { schema } = db;
      await schema
        .createTable('certificates')
        .addColumn('name', 'text', (c) => c.primaryKey())
        .addColumn('names', 'text', (c) => c.notNull())
        .addColumn('key_kind', 'text', (c) => c.notNull())
        .addColumn('created_at', 'text', (c) => c.notNull())
        .execute();
      await schema
        .createTable('versions')
        .addColumn('id', 'text', (c) => c.primaryKey())
        .addColumn('certificate', 'text', (c) => c.notNull().references('certificates.name'))
        .addColumn('fingerprint', 'text', (c) => c.notNull())
        .addColumn('serial', 'text', (c) => c.notNull())
        .addColumn('issuer', 'text', (c) => c.notNull())
        .addColumn('authority', 'text', (c) => c.notNull())
        .addColumn('not_before', 'text', (c) => c.notNull())
        .addColumn('not_after', 'text', (c) => c.notNull())
        .addColumn('issued_at', 'text', (c) => c.notNull())
        .addColumn('leaf', 'text', (c) => c.notNull())
        .addColumn('chain', 'text', (c) => c.notNull())
        .addColumn('sealed_key', 'blob', (c) => c.notNull())
        .execute();
      await schema
        .createIndex('versions_newest')
        .on('versions')
        .columns(['certificate', 'issued_at'])
        .execute();
      await schema
        .createTable('delegations')
        .addColumn('domain', 'text', (c) => c.primaryKey())
        .addColumn('subdomain', 'text', (c) => c.notNull())
        .addColumn('target', 'text', (c) => c.notNull())
        .addColumn('created_at', 'text', (c) => c.notNull())
        .execute();
      await schema
        .createTable('issuances')
        .addColumn('id', 'text', (c) => c.primaryKey())
        .addColumn('certificate', 'text', (c) => c.notNull().references('certificates.name'))
        .addColumn('names', 'text', (c) => c.notNull())
        .addColumn('key_kind', 'text', (c) => c.notNull())
        .addColumn('authority', 'text', (c) => c.notNull())
        .addColumn('stage', 'text', (c) => c.notNull())
        .addColumn('order_url', 'text')
        .addColumn('sealed_key', 'blob')
        .addColumn('failures', 'integer', (c) => c.notNull())
        .addColumn('retry_at', 'text')
        .addColumn('retry_ordered', 'integer', (c) => c.notNull())
        .addColumn('created_at', 'text', (c) => c.notNull())
        .execute();
      // At most one unfinished issuance a certificate: a second `hub issue` joins the first.
      await schema
        .createIndex('issuances_one_running')
        .unique()
        .on('issuances')
        .column('certificate')
        .where(sql.ref('stage'), 'in', ['delegation', 'order'])
        .execute();
      await schema
        .createTable('steps')
        .addColumn('seq', 'integer', (c) => c.primaryKey().autoIncrement())
        .addColumn('issuance', 'text', (c) => c.notNull().references('issuances.id'))
        .addColumn('at', 'text', (c) => c.notNull())
        .addColumn('step', 'text', (c) => c.notNull())
        .execute();
      await schema
        .createIndex('steps_of_issuance')
        .on('steps')
        .columns(['issuance', 'seq'])
        .execute();
      await schema
        .createTable('authority_accounts')
        .addColumn('directory', 'text', (c) => c.primaryKey())
        .addColumn('url', 'text')
        .addColumn('sealed_key', 'blob', (c) => c.notNull())
        .addColumn('created_at', 'text', (c) => c.notNull())
        .execute();
      await schema
        .createTable('agents')
        .addColumn('id', 'text', (c) => c.primaryKey())
        .addColumn('name', 'text', (c) => c.notNull())
        .addColumn('status', 'text', (c) => c.notNull())
        .addColumn('created_at', 'text', (c) => c.notNull())
        .addColumn('last_seen_at', 'text')
        .execute();
      await schema
        .createIndex('agents_one_name')
        .unique()
        .on('agents')
        .column('name')
        .where(sql.ref('status'), '!=', 'removed')
        .execute();
      await schema
        .createTable('grants')
        .addColumn('agent_id', 'text', (c) => c.notNull().references('agents.id'))
        .addColumn('certificate', 'text', (c) => c.notNull())
        .addPrimaryKeyConstraint('grants_key', ['agent_id', 'certificate'])
        .execute();
      await schema
        .createTable('join_tokens')
        .addColumn('hash', 'text', (c) => c.primaryKey())
        .addColumn('agent_id', 'text', (c) => c.notNull().references('agents.id'))
        .addColumn('expires_at', 'text', (c) => c.notNull())
        .addColumn('used_by', 'text')
        .execute();
      await schema
        .createTable('deployments')
        .addColumn('agent_id', 'text', (c) => c.notNull().references('agents.id'))
        .addColumn('certificate', 'text', (c) => c.notNull())
        .addColumn('version', 'text', (c) => c.notNull())
        .addColumn('installed', 'integer', (c) => c.notNull())
        .addColumn('detail', 'text', (c) => c.notNull())
        .addColumn('services', 'text', (c) => c.notNull())
        .addColumn('reported_at', 'text', (c) => c.notNull())
        .addPrimaryKeyConstraint('deployments_key', ['agent_id', 'certificate'])
        .execute();
      await schema
        .createTable('api_tokens')
        .addColumn('name', 'text', (c) => c.primaryKey())
        .addColumn('hash', 'text', (c) => c.notNull().unique())
        .addColumn('scope', 'text', (c) => c.notNull())
        .addColumn('created_at', 'text', (c) => c.notNull())
        .execute();
      await schema
        .createTable('audit')
        .addColumn('seq', 'integer', (c) => c.primaryKey())
        .addColumn('at', 'text', (c) => c.notNull())
        .addColumn('actor', 'text', (c) => c.notNull())
        .addColumn('action', 'text', (c) => c.notNull())
        .addColumn('object', 'text', (c) => c.notNull())
        .addColumn('detail', 'text', (c) => c.notNull())
        .addColumn('hash', 'text', (c) => c.notNull())
        .execute();
      await schema
        .createTable('secrets')
        .addColumn('name', 'text', (c) => c.primaryKey())
        .addColumn('public_part', 'text', (c) => c.notNull())
        .addColumn('sealed', 'blob', (c) => c.notNull())
        .execute();
    },
  },
  '002-renewal': renewalMigration,
  '004-keys': keysMigration,
  '005-delegation-watch': delegationWatchMigration,
  '006-failed-authorizations': failedAuthorizationsMigration,
  '007-public-keys': publicKeysMigration,
  '008-persist': persistMigration,
  '009-revocations': revocationsMigration,
  '010-rest': restMigration,
  '012-alerts': alertsMigration,
  '013-standings': standingsMigration,
  '014-keys-on-agents': keysOnAgentsMigration,
  '015-fleet': fleetMigration,
  '016-trust': trustMigration,
  '017-push': pushMigration,
  '018-host': hostMigration,
};

/** What a database of this program may have been through. */
export const knownMigrations: readonly string[] = Object.keys(migrations);
