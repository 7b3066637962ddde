import { appendFile, chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  makeHub,
  openLab,
  ports,
  type CommandResult,
  type HubHouse,
  mustBe,
} from '../../lab/index.js';

async function withHub(work: (hub: HubHouse) => Promise<void>): Promise<void> {
  await using lab = await openLab();
  const resolver = `${lab.address()}:${ports.dns}`;
  await work(
    await makeHub(lab, {
      zone: 'acme-dns.beispiel.test',
      resolver,
      authorities: [{ directory: 'https://127.0.0.1:9/dir', httpsCertificate: '/nonexistent' }],
    }),
  );
}

/** One clear error with a next step, and never a stack. */
function expectFault(result: CommandResult, code: number, ...words: readonly string[]): void {
  expect(result.code, result.stderr).toBe(code);
  for (const word of words) expect(result.stderr).toContain(word);
  expect(result.stderr).toMatch(/^error: .+\n {2}\S/m);
  expect(result.stderr).not.toMatch(/^\s+at .+:\d+/m);
}

test('an unknown key in hub.toml: its line, and the nearest known', async () => {
  await withHub(async (hub) => {
    const text = await readFile(hub.config, 'utf8');
    await writeFile(hub.config, text.replace('[resolver]\nservers', '[resolver]\nserver'));
    const line = text.split('\n').indexOf('[resolver]') + 2;
    const refused = await hub.run(['serve']);
    expectFault(refused, 2, `hub.toml:${line}:`, "'resolver.server'", "did you mean 'servers'?");
  });
});

test('hub.toml that is not TOML, and one that is not there', async () => {
  await withHub(async (hub) => {
    await appendFile(hub.config, '\nstate = = 1\n');
    expectFault(await hub.run(['serve']), 2, 'hub.toml:');
    expectFault(
      await hub.run(['serve', '--config', `${hub.config}.gone`]),
      2,
      'does not exist',
      'hub init',
    );
  });
});

test('a port in use, of DNS and of an API', async () => {
  await withHub(async (hub) => {
    await mustBe(0, await hub.run(['init']));
    await hub.serve();
    const text = await readFile(hub.config, 'utf8');
    const other = join(hub.config, '..', 'other.toml');
    const elsewhere = text.replace('/state"', '/state2"').replace('hub.sock', 'hub2.sock');
    await writeFile(other, elsewhere);
    await mustBe(0, await hub.run(['init', '--config', other]));
    expectFault(await hub.run(['serve', '--config', other]), 2, `:${ports.dns}`, 'in use');
    const freeDns = elsewhere.replace(`:${ports.dns}"]\n\n[agents]`, ':0"]\n\n[agents]');
    await writeFile(other, freeDns);
    expectFault(await hub.run(['serve', '--config', other]), 2, `:${ports.agents}`, 'in use');
    // The first is untouched, and a second on the same socket is told so.
    await mustBe(0, await hub.run(['list']));
  });
});

test('a database that is none, and one of a newer version', async () => {
  await withHub(async (hub) => {
    await mustBe(0, await hub.run(['init']));
    const database = join(hub.state, 'hub.db');
    const good = await readFile(database);
    await writeFile(database, 'this is no database, whatever its name says');
    expectFault(await hub.run(['serve']), 2, database, 'no SQLite database');
    await writeFile(database, good);
    const { default: SQLite } = await import('better-sqlite3');
    const connection = new SQLite(database);
    connection.exec("insert into kysely_migration values ('999-from-the-future', '2030-01-01')");
    connection.close();
    expectFault(await hub.run(['serve']), 2, 'newer Sixhub');
  });
});

test('a master key that is missing, short, or open to others', async () => {
  await withHub(async (hub) => {
    expectFault(await hub.run(['serve']), 2, 'master.key', 'hub init');
    await mustBe(0, await hub.run(['init']));
    const key = join(hub.state, 'master.key');
    await chmod(key, 0o644);
    expectFault(await hub.run(['serve']), 2, 'can be read by others', 'chmod 0400');
  });
});

test('a hub that does not run: exit 4, and how to start it', async () => {
  await withHub(async (hub) => {
    expectFault(await hub.run(['list']), 4, 'not running', 'systemctl start sixhub');
  });
});

test.each([
  [['isue', 'example.org'], "Did you mean 'hub issue'?"],
  [['issue'], 'DOMAIN is missing'],
  [['issue', 'nodot'], "'nodot' is not a domain name: it has no dot"],
  [['issue', 'foo/bar.org'], 'characters that no domain has'],
  [['issue', 'example.org', '--wait-delegation', 'soon'], 'is not a time'],
  [['issue', 'example.org', '--nam', 'x'], 'Did you mean --name?'],
  [['show', 'a', 'b'], 'one word too many'],
])('hub %s is a usage error', async (words, said) => {
  await withHub(async (hub) => expectFault(await hub.run(words), 2, said));
});
