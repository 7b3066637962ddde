import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { Resolver } from 'node:dns/promises';
import { join } from 'node:path';
import { runProgram } from '@sixhub/base';
import { expect, test } from 'vitest';
import {
  openLab,
  ports,
  programFile,
  startNameServer,
  startPebble,
  startResolver,
  type Lab,
  makeAcmeDns,
  registerAccount,
  type AcmeDnsHouse,
  type Registered,
} from '../../lab/index.js';

const names = ['example.org', '*.example.org'];

/** pebble, whose resolver goes from example.org by its CNAME to the account. */
async function delegated(lab: Lab, house: AcmeDnsHouse, account: Registered) {
  const customer = await startNameServer(lab, ['example.org']);
  await customer.addRecord(`_acme-challenge.example.org CNAME ${account.fulldomain}`);
  const resolver = await startResolver(lab, [...customer.stubs, house.stub]);
  return startPebble(lab, { resolver: resolver.server, rejectNonces: 0 });
}

async function writeHook(place: string, body: string): Promise<string> {
  const path = join(place, 'hook.sh');
  await writeFile(path, `#!/bin/sh\nset -e\n${body}\n`);
  await chmod(path, 0o755);
  return path;
}

function curl(house: AcmeDnsHouse, account: Registered, value: string): string {
  const body = `{\\"subdomain\\":\\"${account.subdomain}\\",\\"txt\\":\\"${value}\\"}`;
  const headers = `-H 'X-Api-User: ${account.username}' -H 'X-Api-Key: ${account.password}'`;
  return `curl -sSf ${headers} -d "${body}" ${house.api}/update`;
}

test('certbot with a hook gets apex and wildcard', async () => {
  await using lab = await openLab();
  const house = await makeAcmeDns(lab);
  await house.serve();
  const account = await registerAccount(house);
  const pebble = await delegated(lab, house, account);
  const place = await lab.makeDirectory('certbot');
  const hook = await writeHook(place, curl(house, account, '$CERTBOT_VALIDATION'));
  const result = await runProgram(
    programFile('certbot'),
    [
      ...['certonly', '-n', '--agree-tos', '-m', 'a@example.org', '--no-eff-email'],
      ...['--manual', '--preferred-challenges', 'dns', '--manual-auth-hook', hook],
      ...['--server', pebble.directory, ...names.flatMap((name) => ['-d', name])],
      ...['--config-dir', place, '--work-dir', place, '--logs-dir', place],
    ],
    { env: { ...process.env, REQUESTS_CA_BUNDLE: pebble.httpsCertificate } },
  );
  expect(result).toMatchObject({ kind: 'exited', code: 0 });
  const chain = await readFile(join(place, 'live/example.org/fullchain.pem'), 'utf8');
  expect(chain).toContain('BEGIN CERTIFICATE');
});

test('requests of lego, Traefik, cert-manager, acme.sh, Caddy and Posh-ACME, byte for byte', async () => {
  await using lab = await openLab();
  const house = await makeAcmeDns(lab);
  await house.serve();
  const account = await registerAccount(house);
  const resolver = new Resolver({ timeout: 2_000, tries: 1 });
  resolver.setServers([`${house.address}:${ports.dns}`]);
  const { username, password, subdomain } = account;
  const value = (letter: string): string => letter.repeat(43);
  const auth = `X-Api-User: ${username}\r\nX-Api-Key: ${password}\r\n`;
  const lego = `{"SubDomain":"${subdomain}","Txt":"${value('l')}"}`;
  const acmeSh = `{"subdomain":"${subdomain}", "txt": "${value('s')}"}`;
  const caddy = `{"subdomain":"${subdomain}","txt":"${value('c')}"}`;
  const posh = `{"subdomain":"${subdomain}","txt":"${value('p')}"}`;
  for (const [headers, body, letter] of [
    [`User-Agent: Go-http-client/1.1\r\nContent-Type: application/json\r\n${auth}`, lego, 'l'],
    [
      `User-Agent: acme.sh/3.0\r\nAccept: */*\r\nContent-Type: application/x-www-form-urlencoded\r\n${auth}`,
      acmeSh,
      's',
    ],
    [`Content-Type: application/json\r\n${auth.replaceAll('X-Api-', 'x-api-')}`, caddy, 'c'],
    [`Content-Type: application/x-www-form-urlencoded; charset=utf-8\r\n${auth}`, posh, 'p'],
  ] as const) {
    const answer = await raw(house, `POST /update HTTP/1.1\r\n${headers}`, body);
    expect(answer.head).toMatch(/^HTTP\/1.1 200 OK\r\nContent-Type: application\/json\r\n/);
    expect(answer.body).toBe(`{"txt": "${value(letter)}"}`);
    expect((await resolver.resolveTxt(account.fulldomain)).flat()).toContain(value(letter));
  }
  const last = (await resolver.resolveTxt(account.fulldomain)).flat();
  expect(last).toEqual([value('c'), value('p')]);
});

test('answers of /register, /update and /health, byte for byte', async () => {
  await using lab = await openLab();
  const house = await makeAcmeDns(lab);
  await house.serve();
  const register = (body: string) => raw(house, 'POST /register HTTP/1.1\r\n', body);
  for (const body of ['', '{}', 'null', '{"x":1}']) {
    const answer = await register(body);
    expect(answer.head).toMatch(/^HTTP\/1.1 201 Created\r\nContent-Type: application\/json\r\n/);
    expect(answer.body).toMatch(
      /^{"username":"[0-9a-f-]{36}","password":"[\w-]{40}","fulldomain":"([0-9a-f-]{36})\.auth\.beispiel\.test","subdomain":"\1","allowfrom":\[\]}$/,
    );
  }
  const networks = await register('{"AllowFrom":["192.0.2.0/24","[2001:db8::]/32"]}');
  expect(networks.body).toContain('"allowfrom":["192.0.2.0/24","2001:db8::/32"]');
  for (const [body, status, expected] of [
    ['{"allowfrom":["192.0.2.1"]}', 400, '{"error": "invalid_allowfrom_cidr"}'],
    ['[]', 400, '{"error": "malformed_json_payload"}'],
    ['{} junk', 400, '{"error": "malformed_json_payload"}'],
  ] as const) {
    const answer = await register(body);
    expect([answer.status, answer.body]).toEqual([status, expected]);
  }
  const account = await registerAccount(house);
  const update = async (body: string, key = account.password) => {
    const headers = `X-Api-User: ${account.username.toUpperCase().replaceAll('-', '')}\r\nX-Api-Key: ${key}\r\n`;
    const answer = await raw(house, `POST /update HTTP/1.1\r\n${headers}`, body);
    return `${answer.status} ${answer.body}`;
  };
  const sub = `"subdomain":"${account.subdomain}"`;
  expect(await update(`{${sub},"txt":"${'x'.repeat(43)}"} junk`)).toBe(
    `200 {"txt": "${'x'.repeat(43)}"}`,
  );
  expect(await update(`{${sub},"txt":"short"}`)).toBe('400 {"error": "bad_txt"}');
  expect(await update(`{${sub},"txt":5}`)).toBe('400 {"error": "bad_txt"}');
  expect(await update(`{${sub}}`)).toBe('400 {"error": "bad_txt"}');
  expect(await update('')).toBe('401 {"error": "forbidden"}');
  expect(await update(`{${sub}}`, 'wrong')).toBe('401 {"error": "forbidden"}');
  expect(await update('{"subdomain":"other"}')).toBe('401 {"error": "forbidden"}');
  const health = await raw(house, 'GET /health HTTP/1.1\r\n', '');
  expect([health.status, health.body]).toEqual([200, '']);
  expect((await raw(house, 'GET /update HTTP/1.1\r\n', '')).status).toBe(405);
  expect((await raw(house, 'GET /else HTTP/1.1\r\n', '')).status).toBe(404);
});

test('dehydrated with a hook gets apex and wildcard', async () => {
  await using lab = await openLab();
  const house = await makeAcmeDns(lab);
  await house.serve();
  const account = await registerAccount(house);
  const pebble = await delegated(lab, house, account);
  const place = await lab.makeDirectory('dehydrated');
  const deploy = `[ "$1" = deploy_challenge ] || exit 0\n${curl(house, account, '$4')}`;
  const hook = await writeHook(place, deploy);
  await mkdir(join(place, 'certs'));
  const config = join(place, 'config');
  await writeFile(
    config,
    `CA=${pebble.directory}\nBASEDIR=${place}\nCERTDIR=${place}/certs\nHOOK=${hook}\nCHALLENGETYPE=dns-01\n`,
  );
  const env = { ...process.env, CURL_CA_BUNDLE: pebble.httpsCertificate };
  const run = (...words: readonly string[]) =>
    runProgram(programFile('dehydrated'), ['--config', config, ...words], { env });
  expect(await run('--register', '--accept-terms')).toMatchObject({ code: 0 });
  const domains = names.flatMap((name) => ['--domain', name]);
  expect(await run('--cron', '--alias', 'example', ...domains)).toMatchObject({ code: 0 });
  expect(await readFile(join(place, 'certs/example/fullchain.pem'), 'utf8')).toContain('BEGIN');
});

/** The octets as they are: no client library adds or orders headers. */
async function raw(house: AcmeDnsHouse, start: string, body: string) {
  const text = await new Promise<string>((resolve, reject) => {
    const socket = connect(ports.acmeDnsApi, house.address);
    let received = '';
    socket.setEncoding('utf8');
    socket.on('data', (chunk) => (received += String(chunk)));
    socket.on('end', () => resolve(received));
    socket.on('error', reject);
    const length = `Content-Length: ${Buffer.byteLength(body)}\r\n`;
    socket.write(`${start}Host: x\r\nConnection: close\r\n${length}\r\n${body}`);
  });
  const [head = '', rest = ''] = text.split('\r\n\r\n');
  return { head: `${head}\r\n`, body: rest, status: Number(head.split(' ')[1]) };
}
