import { expect, test } from 'vitest';
import { apiClient, type ApiClient, certificateRows } from '../../lab/index.js';
import { openHouse, type House } from './house.js';

async function pages(
  client: ApiClient,
  path: string,
  name: string,
): Promise<readonly Record<string, unknown>[][]> {
  const all: Record<string, unknown>[][] = [];
  let cursor = '';
  for (;;) {
    const answer = await client.get(`${path}${cursor}`);
    expect(answer.status, answer.body).toBe(200);
    all.push(answer.json[name] as Record<string, unknown>[]);
    const { next } = answer.json;
    if (next === null) {
      expect(answer.headers['link']).toBeUndefined();
      return all;
    }
    cursor = `&cursor=${encodeURIComponent(String(next))}`;
    expect(answer.headers['link']).toBe(`<${path}${cursor.replaceAll('%20', '+')}>; rel="next"`);
  }
}

async function filled(): Promise<{ house: House; client: ApiClient } & AsyncDisposable> {
  const house = await openHouse();
  await house.hub.serve();
  await house.sql(certificateRows(25));
  const client = await apiClient(house.hub, 'monitoring', '--scope', 'write');
  return { house, client, [Symbol.asyncDispose]: () => house[Symbol.asyncDispose]() };
}

test('a list comes in pages in a stable order, whatever is added or removed between them', async () => {
  await using ground = await filled();
  const { house, client } = ground;
  const all = await pages(client, '/v1/certificates?limit=10', 'certificates');
  expect(all.map((page) => page.length)).toEqual([10, 10, 5]);
  const names = all.flat().map(({ name }) => name);
  expect(names).toEqual(
    Array.from({ length: 25 }, (_, at) => `c${String(at + 1).padStart(5, '0')}.example`),
  );
  expect(all[0]?.[0]).toMatchObject({
    version: { issuer: 'An Issuer' },
    issuance: { stage: 'done' },
    deployments: [],
  });

  const first = await client.get('/v1/certificates?limit=10');
  await house.sql(
    "INSERT INTO certificates (name, names, key_kind, reuse_key, created_at) SELECT 'a.example', '[\"a.example\"]', 'p256', 0, created_at FROM certificates LIMIT 1; DELETE FROM delegations;",
  );
  const second = await client.get(`/v1/certificates?limit=10&cursor=${String(first.json['next'])}`);
  const [row] = second.json['certificates'] as readonly { name: string }[];
  expect(row?.name).toBe('c00011.example');
  expect((await client.get('/v1/certificates/a.example')).json).toMatchObject({
    version: null,
    issuance: null,
  });
  expect((await client.get('/v1/certificates?limit=0')).status).toBe(400);
  expect((await client.get('/v1/certificates?limit=1001')).status).toBe(400);
});

test('what monitoring asks for: ending soon, failed, of an agent, deployed, gone', async () => {
  await using ground = await filled();
  const { house, client } = ground;
  const at = new Date(Date.now() + 80 * 86_400_000 + 5.5 * 60_000).toISOString();
  const soon = await client.get(`/v1/certificates?expiring_before=${at}`);
  expect((soon.json['certificates'] as unknown[]).length).toBe(5);

  await house.sql("UPDATE issuances SET stage = 'failed' WHERE certificate = 'c00003.example'");
  const failed = await client.get('/v1/certificates?issuance=failed');
  expect(failed.json['certificates']).toMatchObject([{ name: 'c00003.example' }]);

  for (const agent of ['web', 'mail'])
    await house.hub.run(['agent', 'add', agent, '--cert', 'c00007.example']);
  const services = JSON.stringify([
    { service: 'apache', state: 'not-serving', detail: 'refused', at, since: at },
  ]);
  await house.sql(`INSERT INTO deployments (agent_id, certificate, version, installed, detail, services, reported_at)
    SELECT id, 'c00007.example', '00000000-0000-4000-9000-000000000007', 1, '', '${services}', '${at}' FROM agents`);
  const ofWeb = await client.get('/v1/certificates?agent=web');
  expect(ofWeb.json['certificates']).toMatchObject([
    {
      name: 'c00007.example',
      agents: ['mail', 'web'],
      deployments: [{ agent: 'mail' }, { agent: 'web' }],
    },
  ]);
  const deployed = await pages(client, '/v1/deployments?limit=1', 'deployments');
  expect(deployed.flat()).toMatchObject([
    { agent: 'mail', services: [{ state: 'not-serving' }] },
    { agent: 'web', certificate: 'c00007.example' },
  ]);
  expect((await client.get('/v1/deployments?cursor=nonsense')).json).toMatchObject({
    code: 'bad-cursor',
  });
  expect((await pages(client, '/v1/agents?limit=1', 'agents')).flat()).toMatchObject([
    { name: 'mail', grants: ['c00007.example'], silent: false },
    { name: 'web' },
  ]);

  const watch = { state: 'gone', since: at, seen: 'nothing', lookAt: at, until: at, everyMs: 1000 };
  await house.sql(
    `UPDATE delegations SET gone = 1, watch = '${JSON.stringify(watch)}' WHERE domain = 'c00004.example'`,
  );
  const gone = await client.get('/v1/delegations?state=gone');
  expect(gone.json).toMatchObject({
    delegations: [
      {
        domain: 'c00004.example',
        record: {
          name: '_acme-challenge.c00004.example',
          value: 'c00004.example.acme-dns.beispiel.test',
        },
        watch: { state: 'gone', seen: 'nothing', lookedAt: null },
      },
    ],
    next: null,
  });
  expect((await client.get('/v1/certificates/c00004.example')).json).toMatchObject({
    delegationsGone: [{ domain: 'c00004.example' }],
  });
  expect((await client.get('/v1/delegations/c00004.example')).status).toBe(200);
  expect((await client.get('/v1/delegations/example.com')).json).toMatchObject({
    code: 'no-delegation',
  });
});

test('who polls with If-None-Match is told that nothing changed, until something does', async () => {
  await using ground = await filled();
  const { house, client } = ground;
  const path = '/v1/certificates/c00001.example';
  const etag = String((await client.get(path)).headers['etag']);
  const same = await client.get(path, { 'If-None-Match': `"other", ${etag}` });
  expect(same).toMatchObject({ status: 304, body: '' });
  await house.sql("UPDATE issuances SET stage = 'failed' WHERE certificate = 'c00001.example'");
  expect((await client.get(path, { 'If-None-Match': etag })).status).toBe(200);
});

test('hub list and hub agent list show what is on more than one page', async () => {
  await using house = await openHouse();
  await house.hub.serve();
  await house.sql(certificateRows(2_345));
  const { stdout } = await house.hub.run(['list', '--json']);
  expect(JSON.parse(stdout).certificates).toHaveLength(2_345);
});
