import { randomBytes } from 'node:crypto';
import { SixhubError } from '@sixhub/base';
import type { Insertable, Kysely, Selectable, Transaction } from 'kysely';
import type { Change, Origin, Page, Store, StoredAccount, StoredValue } from '../ports.js';
import { createTables, schemaVersion, type Schema } from './schema.js';

/** What differs between databases: how it says that another process wrote, how it closes, whether it is still there. */
export interface Engine extends AsyncDisposable {
  readonly database: Kysely<Schema>;
  /** Throws where a commit would go nowhere. */
  checkPresence(): void;
  foreignChanges(): Promise<number>;
}

/** What one page leaves in two heaps stays there: pages of 1,000 cost 30 MB more at 100,000 accounts. */
const pageSize = 200;
/** SQLite takes 32,766 bound values in a statement; rows here have up to six. */
const rowsPerStatement = 500;

/** The store in SQL, written once for every engine that Kysely speaks. */
export class KyselyStore implements Store {
  private readonly engine: Engine;

  private constructor(engine: Engine) {
    this.engine = engine;
  }

  static async open(engine: Engine): Promise<KyselyStore> {
    await createTables(engine.database);
    const store = new KyselyStore(engine);
    await store.prepareState();
    return store;
  }

  async origin(): Promise<Origin> {
    const state = await this.state();
    return {
      serial: Number(state.get('serial') ?? 0),
      sequence: Number(state.get('sequence') ?? 0),
      key: Buffer.from(state.get('key') ?? '', 'base64url'),
    };
  }

  async *pages(): AsyncGenerator<Page> {
    for (let after = ''; ;) {
      const rows = await this.engine.database
        .selectFrom('account')
        .selectAll()
        .where('subdomain', '>', after)
        .orderBy('subdomain')
        .limit(pageSize)
        .execute();
      const last = rows.at(-1);
      if (last === undefined) return;
      const values = await this.engine.database
        .selectFrom('challenge_value')
        .selectAll()
        .where('subdomain', '>', after)
        .where('subdomain', '<=', last.subdomain)
        .orderBy('sequence')
        .execute();
      yield { accounts: rows.map(toAccount), values: values.map(toValue) };
      after = last.subdomain;
    }
  }

  async commit(changes: readonly Change[], serial: number): Promise<void> {
    this.engine.checkPresence();
    await this.engine.database.transaction().execute(async (transaction) => {
      let sequence = 0;
      for (const run of runs(changes)) {
        await applyRun(transaction, run);
        for (const change of run)
          if (change.kind === 'value-added') sequence = Math.max(sequence, change.value.sequence);
      }
      await this.write(transaction, 'serial', String(serial));
      if (sequence > 0) await this.write(transaction, 'sequence', String(sequence));
    });
  }

  foreignChanges(): Promise<number> {
    return this.engine.foreignChanges();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve(this.engine[Symbol.asyncDispose]());
  }

  private async state(): Promise<ReadonlyMap<string, string>> {
    const rows = await this.engine.database.selectFrom('zone_state').selectAll().execute();
    return new Map(rows.map(({ name, value }) => [name, value]));
  }

  private async prepareState(): Promise<void> {
    const state = await this.state();
    const version = Number(state.get('schema') ?? schemaVersion);
    if (version > schemaVersion) {
      throw new SixhubError({
        code: 'database-newer',
        fact: `the database has schema ${version}, this program knows ${schemaVersion}`,
        hint: 'A newer acme-dns has written it. Install that one, or restore the backup from before the upgrade.',
      });
    }
    if (state.has('key')) return;
    await this.engine.database
      .insertInto('zone_state')
      .values([
        { name: 'schema', value: String(schemaVersion) },
        { name: 'serial', value: '0' },
        { name: 'sequence', value: '0' },
        { name: 'key', value: randomBytes(32).toString('base64url') },
      ])
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }

  private async write(
    transaction: Transaction<Schema>,
    name: 'serial' | 'sequence',
    value: string,
  ): Promise<void> {
    await transaction.updateTable('zone_state').set({ value }).where('name', '=', name).execute();
  }
}

/** Neighbours of one kind, so that each kind is one statement; the order between kinds stays. */
function runs(changes: readonly Change[]): readonly Change[][] {
  const all: Change[][] = [];
  for (const change of changes) {
    const last = all.at(-1);
    if (last !== undefined && last[0]?.kind === change.kind && last.length < rowsPerStatement)
      last.push(change);
    else all.push([change]);
  }
  return all;
}

async function applyRun(transaction: Transaction<Schema>, run: readonly Change[]): Promise<void> {
  const accounts: StoredAccount[] = [];
  const values: StoredValue[] = [];
  const removedValues: number[] = [];
  for (const change of run) {
    switch (change.kind) {
      case 'account-added':
        accounts.push(change.account);
        break;
      case 'value-added':
        values.push(change.value);
        break;
      case 'value-removed':
        removedValues.push(change.sequence);
        break;
      case 'account-removed':
        await transaction.deleteFrom('account').where('subdomain', '=', change.subdomain).execute();
        break;
      case 'account-noted':
        await setAccount(transaction, change.subdomain, { note: change.note });
        break;
      case 'secret-changed':
        await setAccount(transaction, change.subdomain, { secret: change.secret });
        break;
      default:
        change satisfies never;
    }
  }
  if (accounts.length > 0)
    await transaction.insertInto('account').values(accounts.map(accountRow)).execute();
  if (values.length > 0)
    await transaction.insertInto('challenge_value').values(values.map(valueRow)).execute();
  if (removedValues.length > 0)
    await transaction
      .deleteFrom('challenge_value')
      .where('sequence', 'in', removedValues)
      .execute();
}

async function setAccount(
  transaction: Transaction<Schema>,
  subdomain: string,
  set: { note: string } | { secret: string },
): Promise<void> {
  await transaction.updateTable('account').set(set).where('subdomain', '=', subdomain).execute();
}

function accountRow(account: StoredAccount): Insertable<Schema['account']> {
  const { subdomain, username, secret, note } = account;
  const allow_from = JSON.stringify(account.allowFrom);
  return { subdomain, username, secret, note, allow_from, created_at: account.createdAt };
}

function valueRow(value: StoredValue): Insertable<Schema['challenge_value']> {
  const { sequence, subdomain, text, challenge, at } = value;
  return { sequence, subdomain, value: text, challenge: challenge ?? null, created_at: at };
}

function toAccount(row: Selectable<Schema['account']>): StoredAccount {
  const { subdomain, username, secret, note } = row;
  const allowed: unknown = row.allow_from === '[]' ? [] : JSON.parse(row.allow_from);
  const allowFrom = Array.isArray(allowed) ? allowed.map(String) : [];
  return { subdomain, username, secret, note, allowFrom, createdAt: Number(row.created_at) };
}

function toValue(row: Selectable<Schema['challenge_value']>): StoredValue {
  return {
    sequence: Number(row.sequence),
    subdomain: row.subdomain,
    text: row.value,
    at: Number(row.created_at),
    ...(row.challenge === null ? {} : { challenge: row.challenge }),
  };
}
