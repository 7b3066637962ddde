import { setImmediate } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Vault } from '../ports.js';
import type { Database } from './database.js';
import { sealedColumns, type SealedColumn } from './sealed.js';

/** What of a vault sealing anew needs: it seals by one key and opens by others too. */
export interface Resealing extends Vault {
  /** Whether it is sealed by the key that seals now. */
  isCurrent(row: string, sealed: Uint8Array): boolean;
}

export interface SealStore {
  /** Seals everything that is not sealed by the current key anew, in one transaction. Returns how much that was. */
  reseal(vault: Resealing): Promise<number>;
}

/** So many secrets are opened and sealed before others get their turn. */
const pageSize = 200;

export function sealStore(db: Database): SealStore {
  return {
    reseal: (vault) =>
      db.transaction().execute(async (transaction) => {
        let count = 0;
        for (const column of sealedColumns) count += await resealColumn(transaction, column, vault);
        return count;
      }),
  };
}

async function resealColumn(
  db: Database,
  { table, key, column, row }: SealedColumn,
  vault: Resealing,
): Promise<number> {
  const [from, name, bytes] = [sql.table(table), sql.ref(key), sql.ref(column)];
  let count = 0;
  for (let after = ''; ; await setImmediate()) {
    const { rows } = await sql<{ name: string; sealed: Uint8Array }>`
      select ${name} as name, ${bytes} as sealed from ${from}
      where ${bytes} is not null and ${name} > ${after} order by ${name} limit ${pageSize}`.execute(
      db,
    );
    for (const { name: of, sealed } of rows) {
      if (vault.isCurrent(row(of), sealed)) continue;
      const anew = vault.seal(row(of), vault.unseal(row(of), sealed));
      await sql`update ${from} set ${bytes} = ${anew} where ${name} = ${of}`.execute(db);
      count += 1;
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < pageSize) return count;
    after = last.name;
  }
}
