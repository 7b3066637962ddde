import { X509Certificate } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { httpsGet, mustBe, openEstate } from '../../lab/index.js';

test('a domain without its CNAME: the record ready to paste, exit 3, and the issuance goes on when it appears', async () => {
  await using estate = await openEstate();
  const { hub, nameServer } = estate;
  await hub.serve();

  const asked = await hub.run(['issue', 'example.org', '--wait-delegation', '1s']);
  expect(asked.code).toBe(3);
  expect(asked.stderr).toMatch(
    /_acme-challenge\.example\.org\. 300 IN CNAME [0-9a-f-]{36}\.acme-dns\.beispiel\.test\./,
  );
  expect(asked.stderr).toContain('it is not there at ns1.example.org');
  expect((await mustBe(0, await hub.run(['list']))).stdout).toContain('waits for its CNAME');

  const target = await estate.wantedTarget('example.org');
  await nameServer.addRecord(`_acme-challenge.example.org CNAME ${target}.`);
  const joined = await mustBe(0, await hub.run(['issue', 'example.org']));
  expect(joined.stderr).toContain('joining the issuance');
  expect(joined.stdout).toContain('issued by Pebble');

  const shown = JSON.parse(
    (await mustBe(0, await hub.run(['show', 'example.org', '--json']))).stdout,
  );
  expect(shown.names).toEqual(['example.org', '*.example.org']);
  expect(shown.version.issuer).toContain('Pebble');

  const again = await mustBe(0, await hub.run(['issue', 'example.org']));
  expect(again.stdout).toContain('has a valid certificate already');
});

test('a CNAME to somewhere else, and a wildcard in its place: both names are shown', async () => {
  await using estate = await openEstate({ domains: ['example.org', 'example.net'] });
  const { hub, nameServer } = estate;
  await hub.serve();
  await nameServer.addRecord('_acme-challenge.example.org CNAME old.example.net.');
  await nameServer.addRecord('*.example.net CNAME www.example.org.');

  const elsewhere = await mustBe(
    3,
    await hub.run(['issue', 'example.org', '--wait-delegation', '0']),
  );
  expect(elsewhere.stderr).toContain('it points elsewhere');
  expect(elsewhere.stderr).toContain('it points to   old.example.net');
  expect(elsewhere.stderr).toMatch(/it must be {5}[0-9a-f-]{36}\.acme-dns\.beispiel\.test/);

  const wildcard = await mustBe(
    3,
    await hub.run(['issue', 'example.net', '--wait-delegation', '0']),
  );
  expect(wildcard.stderr).toContain('a wildcard CNAME answers in its place');
});

test('several domains make a certificate each', async () => {
  await using estate = await openEstate({ domains: ['example.org', 'example.net', 'example.com'] });
  const { hub } = estate;
  await hub.serve();
  for (const domain of ['example.org', 'example.net', 'example.com']) await estate.delegate(domain);
  await mustBe(0, await hub.run(['issue', 'example.org', 'example.net']));
  await mustBe(0, await hub.run(['issue', 'example.com']));
  const { certificates } = JSON.parse((await mustBe(0, await hub.run(['list', '--json']))).stdout);
  expect(certificates.map(({ name }: { name: string }) => name)).toEqual([
    'example.com',
    'example.net',
    'example.org',
  ]);
});

test('private keys are sealed at rest and files are for the hub alone', async () => {
  await using estate = await openEstate();
  const { hub } = estate;
  const daemon = await hub.serve();
  await estate.delegate('example.org');
  await mustBe(0, await hub.run(['issue', 'example.org']));
  await daemon.stop();
  for (const name of await readdir(hub.state)) {
    const file = join(hub.state, name);
    expect((await stat(file)).mode & 0o077, name).toBe(0);
    expect((await readFile(file)).includes('PRIVATE KEY'), name).toBe(false);
  }
  expect(await daemon.log()).not.toContain('PRIVATE KEY');
});

test('REST: status for a token, a 401 problem without, and an OpenAPI document', async () => {
  await using estate = await openEstate();
  const { hub } = estate;
  await hub.serve();
  await estate.delegate('example.org');
  await mustBe(0, await hub.run(['issue', 'example.org']));
  const token = (await mustBe(0, await hub.run(['token', 'add', 'test']))).stdout.trim();
  const ca = await readFile(join(hub.config, '..', 'ca.pem'), 'utf8');
  const get = async (path: string, bearer?: string) => {
    const answer = await httpsGet(`${hub.apiUrl}${path}`, {
      ca,
      ...(bearer === undefined ? {} : { headers: { Authorization: `Bearer ${bearer}` } }),
    });
    return { status: answer.status, json: JSON.parse(answer.body) };
  };
  expect(await get('/healthz')).toEqual({ status: 200, json: { status: 'ok' } });
  expect(await get('/v1/certificates')).toMatchObject({ status: 401, json: { code: 'no-token' } });
  const one = await get('/v1/certificates/example.org', token);
  expect(one).toMatchObject({ status: 200, json: { name: 'example.org', key: 'p256' } });
  expect((await get('/v1/certificates', token)).json.certificates).toHaveLength(1);
  expect(await get('/v1/certificates/example.com', token)).toMatchObject({
    status: 404,
    json: { code: 'no-certificate', hint: expect.stringContaining('hub issue') },
  });
  const openapi = await get('/openapi.json');
  expect(Object.keys(openapi.json.paths)).toEqual(
    expect.arrayContaining(['/v1/certificates', '/v1/certificates/{name}', '/healthz']),
  );
});

test('the certificate chains to the authority and covers apex and wildcard', async () => {
  await using estate = await openEstate();
  const { hub, pebble } = estate;
  await hub.serve();
  await estate.delegate('example.org');
  const issued = await mustBe(0, await hub.run(['issue', 'example.org', '--json']));
  const stored = issued.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .find(({ step }) => step.kind === 'stored');
  expect(stored.step.fingerprint).toMatch(/^[0-9a-f]{64}$/);
  expect(new X509Certificate(await pebble.root()).ca).toBe(true);
});

test('other names for a certificate: they replace what waits, and count only once they are issued', async () => {
  await using estate = await openEstate({ domains: ['example.org', 'example.net'] });
  const { hub } = estate;
  await hub.serve();
  await estate.delegate('example.org');
  await mustBe(0, await hub.run(['issue', 'example.org']));
  const names = async (): Promise<unknown> =>
    JSON.parse((await mustBe(0, await hub.run(['show', 'example.org', '--json']))).stdout).names;

  const more = ['issue', 'example.org', '--name', 'example.net', '--no-wildcard'];
  const waiting = await mustBe(3, await hub.run([...more, '--wait-delegation', '0']));
  const target = /value {2}(\S+)/.exec(waiting.stderr)?.[1];
  expect(await names()).toEqual(['example.org', '*.example.org']);
  expect((await hub.run(['show', 'example.org'])).stdout).toContain(
    `wanted   it is not there at ns1.example.net; create this record:\n    _acme-challenge.example.net. 300 IN CNAME ${target}.\n`,
  );

  const other = ['issue', 'example.org', '--no-wildcard', '--name', 'www.example.org'];
  await mustBe(3, await hub.run([...other, '--wait-delegation', '0']));
  await estate.nameServer.addRecord(`_acme-challenge.example.net CNAME ${target}.`);
  await mustBe(0, await hub.run(more));
  expect(await names()).toEqual(['example.org', 'example.net']);
  const again = await mustBe(0, await hub.run(more));
  expect(again.stdout).toContain('has a valid certificate already');
});
