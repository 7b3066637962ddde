import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  apiClient,
  checkoutRoot,
  clientWith,
  mustBe,
  openEstate,
  runTool,
  certificateRows,
} from '../../lab/index.js';
import { openHouse } from './house.js';

const rules = join(checkoutRoot, 'packages/hub/alerts.yml');

/** Samples by name and labels as they stand in the text. */
function samples(text: string): ReadonlyMap<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const at = line.lastIndexOf(' ');
      return [line.slice(0, at), Number(line.slice(at + 1))];
    }),
  );
}

test('a hub with a certificate: metrics that promtool has no word against', async () => {
  await using estate = await openEstate();
  const { hub, lab } = estate;
  await hub.serve();
  await estate.delegate('example.org');
  await mustBe(0, await hub.run(['issue', 'example.org']));
  const client = await apiClient(hub, 'prometheus', '--scope', 'metrics');
  const answer = await client.get('/metrics');
  expect(answer.headers['content-type']).toContain('version=0.0.4');
  const file = join(lab.directory, 'metrics');
  await writeFile(file, answer.body);
  expect(await runTool('sh', ['-c', `promtool check metrics <${file} 2>&1`])).toBe('');
  const found = samples(answer.body);
  expect(found.get('sixhub_certificates{state="all"}')).toBe(1);
  expect(found.get('sixhub_certificates{state="late"}')).toBe(0);
  const ends = found.get(
    'sixhub_certificate_not_after_timestamp_seconds{certificate="example.org"}',
  );
  const shown = JSON.parse((await hub.run(['show', 'example.org', '--json'])).stdout);
  expect(ends).toBe(Date.parse(shown.version.notAfter) / 1_000);
  expect(found.get('acme_dns_accounts')).toBe(1);
  expect(found.get('acme_dns_queries_total{transport="udp"}')).toBeGreaterThan(0);
  expect(found.get('sixhub_authority_held{authority="pebble"}')).toBe(0);
  expect(found.get('sixhub_audit_last_line')).toBeGreaterThan(2);
  const again = samples((await client.get('/metrics')).body);
  expect(again.get('sixhub_http_requests_total{route="/metrics",method="GET",status="200"}')).toBe(
    1,
  );
});

test('with 100,000 certificates there are some thousand series, and those that are late are among them', async () => {
  await using house = await openHouse();
  const { hub } = house;
  await hub.serve();
  await house.sql(certificateRows(100_000));
  const client = await apiClient(hub, 'prometheus', '--scope', 'metrics');
  await house.sql(`INSERT INTO versions (id, certificate, fingerprint, serial, issuer, authority, not_before, not_after,
      issued_at, leaf, chain, sealed_key)
    SELECT 'late', certificate, fingerprint, serial, issuer, authority, strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-80 days'),
      strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '+10 days'), strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), leaf, chain, sealed_key
    FROM versions WHERE certificate = 'c77777.example';
    INSERT INTO issuances (id, certificate, names, key_kind, reuse_key, authority, stage, failures, retry_ordered, created_at)
    SELECT '00000000-0000-4000-8000-ffffffffffff', certificate, names, key_kind, 0, 'pebble', 'failed', 4, 0, '2036'
    FROM issuances WHERE certificate = 'c55555.example'`);
  const { body } = await client.get('/metrics');
  const found = samples(body);
  expect(found.get('sixhub_certificates{state="all"}')).toBe(100_000);
  expect(found.get('sixhub_certificates{state="late"}')).toBe(1);
  expect(found.get('sixhub_delegations{state="all"}')).toBe(100_000);
  expect(
    found.has('sixhub_certificate_not_after_timestamp_seconds{certificate="c77777.example"}'),
  ).toBe(true);
  expect(found.get('sixhub_certificate_issuance_failed{certificate="c55555.example"}')).toBe(1);
  expect(found.get('sixhub_certificate_issuance_failures{certificate="c55555.example"}')).toBe(4);
  expect(found.size).toBeLessThan(3_000);
  // Nobody makes series by asking for what is not there.
  for (let at = 0; at < 20; at++) await client.get(`/nothing/${at}`);
  const after = samples((await client.get('/metrics')).body);
  const routes = [...after].filter(([name]) => name.startsWith('sixhub_http_requests_total'));
  expect(routes).toContainEqual([
    'sixhub_http_requests_total{route="none",method="GET",status="404"}',
    20,
  ]);
  expect(routes.length).toBeLessThan(10);
});

test('readyz says by its status whether the hub can work; healthz that it runs', async () => {
  await using house = await openHouse();
  const { hub } = house;
  const trust = join(house.lab.directory, 'trust.pem');
  await writeFile(trust, await readFile('/etc/ssl/certs/ca-certificates.crt'));
  const config = await readFile(hub.config, 'utf8');
  await writeFile(hub.config, config.replace(/trust = .*/, `trust = "${trust}"`));
  const daemon = await hub.serve();
  const anyone = await clientWith(hub, '');
  const ready = await anyone.get('/readyz');
  expect(ready).toMatchObject({ status: 200, json: { status: 'ready' } });
  await rename(trust, `${trust}.gone`);
  await expect.poll(async () => (await anyone.get('/readyz')).status).toBe(503);
  const not = await anyone.get('/readyz');
  expect(not.json).toMatchObject({
    status: 'not-ready',
    checks: [
      { name: 'store', ok: true },
      { name: 'dns', ok: true },
      { name: 'authorities', ok: false },
    ],
  });
  expect(not.body).not.toContain('trust.pem'); // everybody may ask
  expect(await daemon.log()).toContain('trust.pem');
  expect((await anyone.get('/healthz')).status).toBe(200);
  await rename(`${trust}.gone`, trust);
  await expect.poll(async () => (await anyone.get('/readyz')).status).toBe(200);
});

test('promtool takes the alert rules, and each fires for what it is about', async () => {
  await runTool('promtool', ['check', 'rules', rules]);
  await runTool('promtool', ['test', 'rules', join(checkoutRoot, 'test/e2e/api/alerts.test.yml')]);
});
