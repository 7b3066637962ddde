import { expect, test } from 'vitest';
import { apiClient, clientWith, mustBe } from '../../lab/index.js';
import { openHouse } from './house.js';

test('a token has a scope, an end and a last use, and is worth nothing once it is removed', async () => {
  await using house = await openHouse();
  const { hub } = house;
  const daemon = await hub.serve();
  const metrics = await apiClient(hub, 'prometheus', '--scope', 'metrics');
  const read = await apiClient(hub, 'monitoring', '--expires', '90d');
  const write = await apiClient(hub, 'deploy', '--scope', 'write');

  expect((await metrics.get('/metrics')).status).toBe(200);
  expect((await metrics.get('/v1/certificates')).json).toMatchObject({
    status: 403,
    code: 'scope',
  });
  expect((await read.get('/metrics')).status).toBe(200);
  expect((await read.get('/v1/certificates')).status).toBe(200);
  const wish = { name: 'example.org', names: ['example.org'] };
  expect((await read.send('POST', '/v1/certificates', wish)).json).toMatchObject({
    code: 'scope',
    hint: expect.stringContaining('--scope write'),
  });
  expect((await write.send('POST', '/v1/certificates', wish)).status).toBe(201);
  // Who may have a key is decided at the socket.
  for (const [method, path] of [
    ['POST', '/v1/agents'],
    ['GET', '/v1/tokens'],
    ['POST', '/v1/tokens'],
    ['DELETE', '/v1/agents/web'],
  ] as const) {
    const body = method === 'POST' ? { name: 'x' } : undefined;
    const refused = await write.send(method, path, body);
    expect(refused.json, path).toMatchObject({ status: 403, code: 'socket-only' });
  }

  const { tokens } = JSON.parse(
    (await mustBe(0, await hub.run(['token', 'list', '--json']))).stdout,
  );
  expect(tokens).toMatchObject([
    { name: 'deploy', scope: 'write', expiresAt: null, lastUsedAt: expect.any(String) },
    { name: 'monitoring', scope: 'read' },
    { name: 'prometheus', scope: 'metrics' },
  ]);
  const left = Date.parse(tokens[1].expiresAt) - Date.now();
  expect(left / 86_400_000).toBeCloseTo(90, 1);

  await house.sql(
    "UPDATE api_tokens SET expires_at = '2020-01-01T00:00:00.000Z' WHERE name = 'monitoring'",
  );
  await expect.poll(async () => (await read.get('/v1/agents')).json['code']).toBe('token-expired');
  expect((await hub.run(['token', 'list'])).stdout).toContain('EXPIRED');
  await mustBe(0, await hub.run(['token', 'remove', 'deploy']));
  expect((await write.get('/v1/agents')).status).toBe(401);
  // Only hashes are kept, and no log has one.
  const kept = await house.sql(
    'SELECT * FROM api_tokens; SELECT * FROM audit; SELECT * FROM events',
  );
  for (const { token } of [metrics, read, write]) {
    expect(kept).not.toContain(token);
    expect(await daemon.log()).not.toContain(token);
  }
});

test('who asks too much, or guesses tokens, is told when to come back; others go on', async () => {
  await using house = await openHouse();
  const { hub } = house;
  const { readFile, writeFile } = await import('node:fs/promises');
  const config = await readFile(hub.config, 'utf8');
  await writeFile(hub.config, config.replace('[api]', '[api]\nrequests_per_minute = 20'));
  await hub.serve();
  const busy = await apiClient(hub, 'busy', '--scope', 'write');
  const calm = await apiClient(hub, 'calm');
  const statuses: number[] = [];
  for (let at = 0; at < 21; at++) statuses.push((await busy.get('/v1/agents')).status);
  expect(statuses).toContain(200);
  const refused = await busy.get('/v1/agents');
  expect(refused).toMatchObject({
    status: 429,
    json: { code: 'too-many-requests', hint: expect.stringContaining('Wait') },
  });
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
  expect((await calm.get('/v1/agents')).status).toBe(200);

  const guess = await clientWith(hub, 'a'.repeat(43));
  const first = await guess.get('/v1/agents');
  expect(first).toMatchObject({ status: 401, json: { code: 'no-token' } });
  expect(first.headers['www-authenticate']).toBe('Bearer');
  let last = first;
  for (let at = 0; at < 31; at++) last = await guess.get('/v1/agents');
  expect(last.status).toBe(429);
  expect((await guess.get('/healthz')).status).toBe(200);
});

test('a POST with an Idempotency-Key is done once, also over a restart; another one with it is refused', async () => {
  await using house = await openHouse();
  const { hub } = house;
  const daemon = await hub.serve();
  const client = await apiClient(hub, 'deploy', '--scope', 'write');
  const key = { 'Idempotency-Key': '"8e03978e-40d5-43e8-bc93-6894a57f9324"' };
  const wish = { name: 'example.org', names: ['example.org', '*.example.org'] };
  const first = await client.send('POST', '/v1/certificates', wish, key);
  expect(first.status).toBe(201);
  const again = await client.send('POST', '/v1/certificates', wish, key);
  expect(again).toMatchObject({ status: 201, body: first.body });
  expect(again.headers['idempotency-replayed']).toBe('true');
  // Without the key, it joins what runs.
  expect(await client.send('POST', '/v1/certificates', wish)).toMatchObject({ status: 200 });
  const other = { ...wish, names: ['example.org'] };
  expect((await client.send('POST', '/v1/certificates', other, key)).json).toMatchObject({
    status: 422,
    code: 'idempotency-key-reused',
  });
  // What failed is tried again.
  const bad = { 'Idempotency-Key': 'bad' };
  const missing = () => client.send('POST', '/v1/certificates/example.net/renew', undefined, bad);
  expect((await missing()).status).toBe(404);
  expect((await missing()).headers['idempotency-replayed']).toBeUndefined();
  const deep = Array.from({ length: 40 }).reduce((inner: unknown) => ({ a: inner }), 1);
  expect((await client.send('POST', '/v1/certificates', deep, bad)).json).toMatchObject({
    status: 400,
    code: 'body-too-deep',
  });

  await daemon[Symbol.asyncDispose]();
  await hub.serve();
  expect((await client.send('POST', '/v1/certificates', wish, key)).body).toBe(first.body);
  // Another token's key is another key.
  const stranger = await apiClient(hub, 'stranger', '--scope', 'write');
  expect((await stranger.send('POST', '/v1/certificates', wish, key)).status).toBe(200);
  await house.sql("UPDATE idempotency_keys SET at = '2020-01-01T00:00:00.000Z'");
  expect(await house.sql("SELECT count(*) FROM idempotency_keys WHERE key <> 'bad'")).toBe('2\n');
});
