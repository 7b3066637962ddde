import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { goTables, mustBe, runTool, type AcmeDnsHouse } from '@sixhub/test/lab';

/** An account's name with the two values that it has. */
export interface ZoneName {
  readonly label: string;
  readonly values: readonly [string, string];
}

export function makeNames(count: number): readonly ZoneName[] {
  return Array.from({ length: count }, (_, at) => ({
    label: randomUUID(),
    values: [`${at}-a-`.padEnd(43, 'x'), `${at}-b-`.padEnd(43, 'x')],
  }));
}

/** Has acme-dns import the names from a database of the Go program, as somebody would who moves over. */
export async function importNames(house: AcmeDnsHouse, names: readonly ZoneName[]): Promise<void> {
  const script = join(house.place, 'old.sql');
  const lines = names.flatMap(({ label, values }, at) => [
    `INSERT INTO records VALUES ('${randomUUID()}', '$2a$10$${String(at).padEnd(53, 'x')}', '${label}', '[]');`,
    ...values.map((value) => `INSERT INTO txt VALUES ('${label}', '${value}', ${1_700_000_000});`),
  ]);
  await writeFile(script, ['BEGIN;', goTables, ...lines, 'COMMIT;', ''].join('\n'));
  const old = join(house.place, 'old.db');
  await runTool('sqlite3', [old, `.read ${script}`]);
  await mustBe(0, await house.run('import', old));
}
