import type SQLite from 'better-sqlite3';
import {
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
} from 'kysely';

/**
 * Kysely on one SQLite connection, whose commits are grouped: what is written in one turn of the event loop is
 * committed together at its end, and acknowledged only then. A hundred issuances at work would else wait for the disk
 * a thousand times, one after the other, and so would everybody else, since better-sqlite3 holds the thread up.
 *
 * A transaction is a savepoint of the group: it is rolled back alone, and nobody's statement comes in between. Who
 * reads sees what the group has written; only who wrote it is told that it is there.
 */
export function groupCommitDialect(connection: SQLite.Database): Dialect {
  return {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new GroupCommitDriver(connection),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

class GroupCommitDriver implements Driver {
  readonly #group: Group;

  constructor(connection: SQLite.Database) {
    this.#group = new Group(connection);
  }

  init(): Promise<void> {
    return Promise.resolve();
  }

  acquireConnection(): Promise<DatabaseConnection> {
    return Promise.resolve(new Caller(this.#group));
  }

  beginTransaction(caller: DatabaseConnection): Promise<void> {
    return asCaller(caller).begin();
  }

  commitTransaction(caller: DatabaseConnection): Promise<void> {
    return asCaller(caller).commit();
  }

  rollbackTransaction(caller: DatabaseConnection): Promise<void> {
    return asCaller(caller).rollback();
  }

  releaseConnection(): Promise<void> {
    return Promise.resolve();
  }

  destroy(): Promise<void> {
    return this.#group.close();
  }
}

function asCaller(connection: DatabaseConnection): Caller {
  if (connection instanceof Caller) return connection;
  throw new Error('a connection of another driver');
}

/** What Kysely takes for a connection: one caller's turn, or its whole transaction. */
class Caller implements DatabaseConnection {
  readonly #group: Group;
  #inTransaction = false;

  constructor(group: Group) {
    this.#group = group;
  }

  async begin(): Promise<void> {
    await this.#group.lock();
    try {
      this.#group.open();
      this.#group.execute('SAVEPOINT caller');
      this.#inTransaction = true;
    } catch (error) {
      this.#group.unlock();
      throw error;
    }
  }

  async commit(): Promise<void> {
    this.#group.execute('RELEASE caller');
    this.#inTransaction = false;
    const committed = this.#group.open();
    this.#group.unlock();
    await committed;
  }

  rollback(): Promise<void> {
    // Not where it was the group's own commit that failed: everybody's went with it, and the turn was given back.
    if (!this.#inTransaction) return Promise.resolve();
    this.#inTransaction = false;
    this.#group.undo();
    this.#group.unlock();
    return Promise.resolve();
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    if (this.#inTransaction) return this.#group.run(query);
    await this.#group.lock();
    let committed: Promise<void> | undefined;
    let result: QueryResult<R>;
    try {
      if (!this.#group.onlyReads(query)) committed = this.#group.open();
      result = this.#group.run(query);
    } finally {
      this.#group.unlock();
    }
    await committed;
    return result;
  }

  // oxlint-disable-next-line require-yield -- Kysely's interface wants a generator
  async *streamQuery(): AsyncIterableIterator<never> {
    throw new Error('rows are not streamed here');
  }
}

/** The statements that differ are few; lists of other lengths make some more. */
const keptStatements = 500;

interface Open {
  readonly committed: Promise<void>;
  resolve(): void;
  reject(error: unknown): void;
}

class Group {
  readonly #connection: SQLite.Database;
  readonly #statements = new Map<string, SQLite.Statement<unknown[]>>();
  readonly #waiting: (() => void)[] = [];
  #locked = false;
  #open: Open | undefined;
  #isDue = false;

  constructor(connection: SQLite.Database) {
    this.#connection = connection;
  }

  /** Whose turn it is; a transaction keeps it to its end. */
  async lock(): Promise<void> {
    if (this.#locked) await new Promise<void>((enter) => this.#waiting.push(enter));
    else this.#locked = true;
  }

  unlock(): void {
    if (this.#isDue) this.#commit();
    const next = this.#waiting.shift();
    if (next === undefined) this.#locked = false;
    else next(); // the turn is handed over
  }

  /** Joins the open group, or opens one; the promise is kept when it is on the disk. */
  open(): Promise<void> {
    if (this.#open !== undefined) return this.#open.committed;
    this.#connection.exec('BEGIN IMMEDIATE');
    const { promise, resolve, reject } = withResolvers();
    promise.catch(() => undefined); // each who waits for it gets the error
    this.#open = { committed: promise, resolve, reject };
    setImmediate(() => {
      if (this.#locked) this.#isDue = true;
      else this.#commit();
    });
    return promise;
  }

  execute(sql: string): void {
    this.#connection.exec(sql);
  }

  /** Takes a savepoint back, unless the whole transaction is gone. */
  undo(): void {
    if (this.#connection.inTransaction) this.execute('ROLLBACK TO caller; RELEASE caller');
  }

  onlyReads({ sql }: CompiledQuery): boolean {
    return this.#prepare(sql).readonly;
  }

  run<R>({ sql, parameters }: CompiledQuery): QueryResult<R> {
    const statement = this.#prepare(sql);
    try {
      if (statement.reader) {
        // Kysely knows the type of its query's rows; SQLite does not.
        return { rows: statement.all(...parameters) as R[] };
      }
      const { changes, lastInsertRowid } = statement.run(...parameters);
      return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) };
    } catch (error) {
      // A full disk ends the whole transaction, not the statement alone (sqlite.org/lang_transaction.html).
      if (!this.#connection.inTransaction) this.#end((open) => open.reject(error));
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.lock();
    this.#commit();
    this.#connection.close();
    this.unlock(); // who comes now is told that it is closed
  }

  #prepare(sql: string): SQLite.Statement<unknown[]> {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    if (this.#statements.size >= keptStatements) this.#statements.clear();
    const statement = this.#connection.prepare<unknown[]>(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  #commit(): void {
    if (this.#open === undefined) return;
    try {
      this.#connection.exec('COMMIT');
      this.#end((open) => open.resolve());
    } catch (error) {
      if (this.#connection.inTransaction) this.#connection.exec('ROLLBACK');
      this.#end((open) => open.reject(error));
    }
  }

  #end(settle: (open: Open) => void): void {
    const open = this.#open;
    this.#open = undefined;
    this.#isDue = false;
    if (open !== undefined) settle(open);
  }
}

function withResolvers(): {
  readonly promise: Promise<void>;
  resolve(): void;
  reject(error: unknown): void;
} {
  let resolve = (): void => undefined;
  let reject = (_error: unknown): void => undefined;
  const promise = new Promise<void>((kept, broken) => {
    resolve = kept;
    reject = broken;
  });
  return { promise, resolve, reject };
}
