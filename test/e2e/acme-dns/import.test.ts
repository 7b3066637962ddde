import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  answeredValues,
  checkoutRoot,
  goTables,
  makeAcmeDns,
  openLab,
  registerAccount,
  runTool,
  updateValue,
  type AcmeDnsHouse,
  type Lab,
} from '../../lab/index.js';

interface OldAccount {
  readonly username: string;
  readonly password: string;
  readonly subdomain: string;
  readonly values: readonly [string, string];
  readonly allowFrom: string;
  readonly form: 'blob $2a' | 'text $2y';
}

const value = (letter: string): string => letter.repeat(43);

/** As the Go program stores it, a hash as a BLOB; as somebody who moved it through a dump has it, as TEXT. */
const plain: OldAccount = {
  username: 'c36f50e8-4632-44f0-83fe-e070fef28a10',
  password: 'htB9mR9DYgcu9bX_afHF62erXaH2TS7bg9KW3F7Z',
  subdomain: '8e5700ea-a4bf-41c7-8a77-e990661dcc6a',
  values: [value('a'), value('b')],
  allowFrom: '[]',
  form: 'blob $2a',
};
const upper: OldAccount = {
  username: 'D36F50E8-4632-44F0-83FE-E070FEF28A10',
  password: 'yyyyyyyyyy_-yyyyyyyyyyyyyyyyyyyyyyyyyyyy',
  subdomain: '9E5700EA-A4BF-41C7-8A77-E990661DCC6A',
  values: ['', ''],
  allowFrom: 'null',
  form: 'text $2y',
};
const distant: OldAccount = {
  ...plain,
  username: 'e36f50e8-4632-44f0-83fe-e070fef28a10',
  subdomain: 'ae5700ea-a4bf-41c7-8a77-e990661dcc6a',
  values: [value('c'), ''],
  allowFrom: '["192.0.2.0/24"]',
};

async function goDatabase(lab: Lab, accounts: readonly OldAccount[]): Promise<string> {
  const file = join(await lab.makeDirectory('go'), 'acme-dns.db');
  const rows: string[] = [];
  for (const { username, password, subdomain, values, allowFrom, form } of accounts) {
    const hash = (await runTool('htpasswd', ['-nbBC', '10', '', password])).trim().slice(1);
    const stored =
      form === 'text $2y'
        ? `'${hash}'`
        : `x'${Buffer.from(hash.replace('$2y$', '$2a$')).toString('hex')}'`;
    rows.push(
      `INSERT INTO records VALUES ('${username}', ${stored}, '${subdomain}', '${allowFrom}');`,
      ...values.map(
        (text, at) => `INSERT INTO txt VALUES ('${subdomain}', '${text}', ${at * 1_700_000_000});`,
      ),
    );
  }
  await runTool('sqlite3', [file, [goTables, ...rows].join('\n')]);
  return file;
}

function secretOf(house: AcmeDnsHouse, { subdomain }: OldAccount): Promise<string> {
  const query = `select secret from account where subdomain = '${subdomain.toLowerCase()}'`;
  return runTool('sqlite3', [house.database, query]);
}

test("a running server takes the Go program's accounts with passwords and values", async () => {
  await using lab = await openLab();
  const old = await goDatabase(lab, [plain, upper, distant]);
  const house = await makeAcmeDns(lab);
  await house.serve();
  const first = await house.run('import', old);
  expect(first).toMatchObject({
    code: 0,
    stdout: '3 accounts and 3 values imported, 0 accounts were here already\n',
  });
  await expect.poll(() => answeredValues(house, plain)).toEqual([value('a'), value('b')]);
  expect(await answeredValues(house, upper)).toBe('ENODATA');

  expect(await updateValue(house, { ...plain, password: 'wrong' }, value('d'))).toBe(
    '401 {"error": "forbidden"}',
  );
  expect(await secretOf(house, plain)).toMatch(/^\$2a\$10\$/);
  expect(await updateValue(house, plain, value('d'))).toBe(`200 {"txt": "${value('d')}"}`);
  // The Go program replaces the older of the two; so does this one.
  expect(await answeredValues(house, plain)).toEqual([value('b'), value('d')]);
  expect(await updateValue(house, upper, value('e'))).toBe(`200 {"txt": "${value('e')}"}`);
  expect(await answeredValues(house, upper)).toEqual([value('e')]);
  expect(await updateValue(house, distant, value('f'))).toBe('401 {"error": "forbidden"}');

  // From its first success on it is the fast keyed hash; the password is the same.
  expect(await secretOf(house, plain)).toMatch(/^[\w-]{43}\n$/);
  expect(await secretOf(house, upper)).toMatch(/^[\w-]{43}\n$/);
  expect(await updateValue(house, plain, value('g'))).toBe(`200 {"txt": "${value('g')}"}`);
  expect(await updateValue(house, { ...plain, password: 'wrong' }, value('h'))).toContain('401');

  const again = await house.run('import', old);
  expect(again).toMatchObject({
    code: 0,
    stdout: 'nothing to import: all 3 accounts were here already, and stay as they are\n',
  });
  expect(await answeredValues(house, plain)).toEqual([value('d'), value('g')]);
  const json = await house.run('import', old, '--json');
  expect(JSON.parse(json.stdout)).toEqual({ accounts: 0, values: 0, known: 3 });
});

test("started on the Go program's own file it takes it over once, and leaves its tables", async () => {
  await using lab = await openLab();
  const old = await goDatabase(lab, [plain]);
  const house = await makeAcmeDns(lab);
  await runTool('cp', [old, house.database]);
  const daemon = await house.serve();
  expect(await daemon.log()).toContain("accounts taken over from the Go program's tables");
  expect(await updateValue(house, plain, value('d'))).toContain('200');
  expect(await house.run('accounts', 'remove', plain.subdomain)).toMatchObject({ code: 0 });
  await daemon.stop();
  await house.serve();
  expect(await answeredValues(house, plain)).toBe('ENOTFOUND'); // removed stays removed
  expect(await runTool('sqlite3', [house.database, 'select count(*) from records'])).toBe('1\n');
});

test('what is no database of that program is refused, and nothing is changed', async () => {
  await using lab = await openLab();
  const house = await makeAcmeDns(lab);
  await house.serve();
  await registerAccount(house);
  const refused = async (file: string): Promise<string> => {
    const { code, stderr } = await house.run('import', file);
    expect(code).toBe(2);
    return stderr.replaceAll(file, 'OLD.db');
  };
  const changed = async (statement: string): Promise<string> => {
    const file = await goDatabase(lab, [plain]);
    await runTool('sqlite3', [file, statement]);
    return refused(file);
  };
  expect(await changed("update acmedns set Value = '7'")).toBe(
    "error: OLD.db has version 7 of the Go program's tables; 1 is known here\n" +
      '  A newer acme-dns has written it than this program knows. Please report its version.\n',
  );
  expect(await changed('drop table acmedns')).toBe(
    "error: OLD.db has version 0 of the Go program's tables; 1 is known here\n" +
      '  Start acme-dns 1.1 with that file once: it brings the tables up to date. Then import it.\n',
  );
  expect(await changed('drop table records')).toContain(
    'OLD.db is an SQLite database, but has no tables of the Go program acme-dns',
  );
  expect(await changed('update records set AllowFrom = \'{"a":1}\'')).toContain(
    `AllowFrom of ${plain.subdomain} is no list of networks`,
  );
  const text = join(house.place, 'text.db');
  await writeFile(text, 'this is no database, however long it may be '.repeat(100));
  expect(await refused(text)).toContain("OLD.db can't be read: file is not a database");
  expect(await refused(join(house.place, 'nowhere.db'))).toContain("OLD.db can't be read: ");
  expect(await runTool('sqlite3', [house.database, 'select count(*) from account'])).toBe('1\n');
});

test("what docs/acme-dns.md says about PostgreSQL's tables makes a file that import takes", async () => {
  await using lab = await openLab();
  const page = await readFile(join(checkoutRoot, 'docs/acme-dns.md'), 'utf8');
  const commands = [...page.matchAll(/^(sqlite3 .*)$/gm)].map(([, command = '']) => command);
  expect(commands.length).toBe(4);
  const house = await makeAcmeDns(lab);
  const hash = (await runTool('htpasswd', ['-nbBC', '10', '', plain.password])).trim().slice(1);
  // As psql writes them.
  await writeFile(
    join(house.place, 'records.csv'),
    `${plain.username},${hash},${plain.subdomain},"[""127.0.0.0/8""]"\n`,
  );
  await writeFile(
    join(house.place, 'txt.csv'),
    `${plain.subdomain},${value('a')},1700000000\n${plain.subdomain},"",0\n`,
  );
  for (const command of commands) {
    const words = [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, text, word]) => text ?? word);
    const [program = '', ...args] = words.map(String);
    await runTool(program, args, { cwd: house.place });
  }
  const imported = await house.run('import', join(house.place, 'old.db'));
  expect(imported.stdout).toContain('1 accounts and 1 values imported');
  await house.serve();
  expect(await answeredValues(house, plain)).toEqual([value('a')]);
  expect(await updateValue(house, plain, value('b'))).toContain('200');
});
