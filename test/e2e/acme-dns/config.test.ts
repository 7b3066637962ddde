import { writeFile } from 'node:fs/promises';
import { runProgram } from '@sixhub/base';
import { expect, test } from 'vitest';
import {
  commandLine,
  listensAt,
  makeAcmeDns,
  openLab,
  ports,
  runCommand,
  runTool,
  type AcmeDnsHouse,
} from '../../lab/index.js';

/** Every key that version 1.1 ships in its file, in its order. */
function goVersion1({ address, database }: AcmeDnsHouse): string {
  return `[general]
listen = "${address}:${ports.dns}"
protocol = "both4"
domain = "auth.example.org"
nsname = "auth.example.org"
nsadmin = "admin.example.org"
records = [
    # comments stand between them
    "auth.example.org. A 198.51.100.1",
    "auth.example.org. NS auth.example.org.",
]
debug = false

[database]
engine = "sqlite"
connection = "${database}"

[api]
ip = "${address}"
disable_registration = false
port = "${ports.acmeDnsApi}"
tls = "none"
tls_cert_privkey = "/etc/tls/example.org/privkey.pem"
tls_cert_fullchain = "/etc/tls/example.org/fullchain.pem"
acme_cache_dir = "api-certs"
notification_email = ""
corsorigins = [
    "*"
]
use_header = false
header_name = "X-Forwarded-For"

[logconfig]
loglevel = "info"
logtype = "stdout"
logfile = "./acme-dns.log"
logformat = "json"
`;
}

/** What version 2 and the forks before it added. */
function goVersion2(house: AcmeDnsHouse): string {
  return goVersion1(house)
    .replace('debug = false', 'debug = true\ntxt_limit = 4')
    .replace('"sqlite"', '"sqlite3"')
    .replace(`"${house.database}"`, `"file:${house.database}?cache=shared&mode=rwc"`)
    .replace('logformat = "json"', 'logformat = "text"')
    .replace(
      'use_header = false',
      `use_header = false
api_domain = "auth.example.org"
autocert_port = "80"
hsts_enabled = true
hsts_max_age = 31536000
hsts_include_subdomains = true
hsts_preload = false`,
    );
}

test('the file that version 1.1 of the Go program ships works as it is', async () => {
  await using lab = await openLab();
  const house = await makeAcmeDns(lab);
  await writeFile(house.config, goVersion1(house));
  const daemon = await house.serve();
  const server = [`@${house.address}`, '-p', String(ports.dns), '+short'];
  expect(await runTool('dig', [...server, 'auth.example.org', 'A'])).toBe('198.51.100.1\n');
  expect(await runTool('dig', [...server, 'auth.example.org', 'NS'])).toBe('auth.example.org.\n');
  const answer = await fetch(`${house.api}/register`, {
    method: 'POST',
    headers: { Origin: 'https://a.example' },
  });
  expect(answer.status).toBe(201);
  expect(answer.headers.get('access-control-allow-origin')).toBe('*');
  expect(ignored(await daemon.log())).toEqual(['general.debug (logconfig.loglevel decides)']);
});

test("version 2's file: what it added works, or is named and ignored", async () => {
  await using lab = await openLab();
  const house = await makeAcmeDns(lab);
  await writeFile(house.config, goVersion2(house));
  const daemon = await house.serve();
  expect(ignored(await daemon.log())).toEqual([
    'general.debug (logconfig.loglevel decides)',
    'api.autocert_port (the certificate is obtained by DNS)',
    'api.api_domain (the certificate is for general.domain)',
    'api.hsts_enabled (no web browser uses this API)',
    'api.hsts_max_age (no web browser uses this API)',
    'api.hsts_include_subdomains (no web browser uses this API)',
    'api.hsts_preload (no web browser uses this API)',
    'logconfig.logformat (the log is lines of JSON)',
  ]);
  expect(await runTool('sqlite3', [house.database, 'select count(*) from account'])).toBe('0\n');
});

test('what is wrong is refused with its line, and with what was meant', async () => {
  await using lab = await openLab();
  const house = await makeAcmeDns(lab);
  const right = goVersion1(house);
  const refused = async (from: string, to: string): Promise<string> => {
    await writeFile(house.config, right.replace(from, to));
    const { code, stderr } = await house.run('serve');
    expect(code).toBe(2);
    return stderr.replaceAll(`${house.config}:`, '');
  };
  expect(await refused('use_header', 'use_heeder')).toContain(
    "error: 30: there is no setting 'api.use_heeder'; did you mean 'use_header'?",
  );
  expect(await refused('"sqlite"', '"postgres"')).toContain(
    'error: 15: database.engine: PostgreSQL is not served here. Copy its tables into an SQLite file',
  );
  expect(await refused('tls = "none"', 'tls = "nnone"')).toContain('error: 22: api.tls: ');
  expect(await refused('[database]', '[database')).toContain('error: 15: The key');
  expect(await refused('"info"', '"loud"')).toContain('error: 34: logconfig.loglevel: ');
  expect(await refused('A 198.51.100.1', 'A 198.51.100.256')).toContain('198.51.100.256');
  expect(await refused('tls = "none"', 'tls = "cert"')).toContain('/etc/tls/example.org');
  expect(await refused(`"${ports.acmeDnsApi}"`, '"https"')).toContain('api.port: ');
});

test('without -c it is ./config.cfg; where there is none, both places are named', async () => {
  await using lab = await openLab();
  const house = await makeAcmeDns(lab);
  const list = (cwd: string) =>
    runProgram(process.execPath, commandLine('acme-dns', ['accounts', 'list']), { cwd });
  expect(await list(house.place)).toMatchObject({ code: 0 });
  expect(await list(await lab.makeDirectory('empty'))).toMatchObject({
    code: 2,
    stderr:
      'error: there is no configuration file /etc/acme-dns/config.cfg, and no ./config.cfg\n' +
      "  Name one with '-c FILE'. The file of the Go program acme-dns works as it is.\n",
  });
  expect(await runCommand('acme-dns', ['serve', '-c', house.place])).toMatchObject({
    code: 2,
    stderr:
      `error: ${house.place} can't be read: EISDIR: illegal operation on a directory, read\n` +
      '  It must be a file that the user who runs this may read.\n',
  });
});

test('a port that another program has: it is named', async () => {
  await using lab = await openLab();
  const house = await makeAcmeDns(lab);
  const daemon = await house.serve(listensAt(house.address, ports.acmeDnsApi));
  const place = `${house.address}:${ports.dns}`;
  const { code, stderr } = await house.run('serve');
  expect(code).toBe(2);
  expect(stderr).toContain(
    `error: ${place} (UDP): the port is in use by node (process ${daemon.pid})\n`,
  );
});

function ignored(log: string): readonly string[] {
  return [...log.matchAll(/"msg":"ignored: ([^"]*)"/g)].map(([, what = '']) => what);
}
