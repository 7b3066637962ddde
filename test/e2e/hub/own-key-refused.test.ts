import { generateKeyPairSync } from 'node:crypto';
import { createCsr } from '@sixhub/base/certificate-request';
import { createKey } from '@sixhub/base/keys';
import { expect, test } from 'vitest';
import { apiClient, mustBe } from '../../lab/index.js';
import { requestsOf, type AgentRequests } from './agent-requests.js';
import { enrolledAgent, openOwnKeyEstate, withKeyOf } from './own-key.js';

/** The request for a key of a certificate, once the hub has it in the manifest. */
async function wanted(web: AgentRequests, certificate: string): Promise<string> {
  let id: string | undefined;
  await expect
    .poll(
      async () => {
        const { requests = [] } = JSON.parse((await web.send('GET', '/v1/agent/manifest')).body);
        const found = requests.find(
          (one: { certificate: string }) => one.certificate === certificate,
        );
        return (id = found?.id);
      },
      { timeout: 20_000 },
    )
    .toBeDefined();
  return id ?? '';
}

const names = ['example.org', '*.example.org'];

test(
  'what is no request for just this certificate is refused with the reason, and nothing is ordered',
  { timeout: 120_000 },
  async () => {
    await using own = await openOwnKeyEstate();
    const { estate, agent } = own;
    const { hub } = estate;
    const web = await requestsOf(hub, agent);
    const mail = await requestsOf(hub, await enrolledAgent(estate, 'mail'));
    const id = await wanted(web, 'example.org');
    // What is refused before the delegation was seen is not the newest that is told.
    await expect
      .poll(async () => JSON.parse((await hub.run(['show', 'example.org', '--json'])).stdout), {
        timeout: 20_000,
      })
      .toMatchObject({ told: { kind: 'key-wanted' } });
    const post = async (csr: string, from = web) => {
      const answer = await from.send('POST', `/v1/agent/requests/${id}`, {}, { csr });
      return { status: answer.status, ...(answer.body === '' ? {} : JSON.parse(answer.body)) };
    };
    const key = await createKey('p256');
    const good = await createCsr(names, key);
    expect(await post(good, mail), 'as if there were none').toMatchObject({
      ...{ status: 404, code: 'no-request' },
    });
    const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
    const pem = weak.export({ type: 'pkcs8', format: 'pem' }).toString();
    const body = good.split('\n').slice(1, -2).join('');
    const tampered = Buffer.from(
      Buffer.from(body, 'base64').toString('latin1').replace('example.org', 'examp1e.org'),
      'latin1',
    );
    const asPem = `-----BEGIN CERTIFICATE REQUEST-----\n${tampered.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`;
    for (const [csr, why] of [
      [await createCsr([...names, 'evil.example'], key), 'a name that is not wanted: evil.example'],
      [await createCsr(['example.org'], key), 'does not ask for *.example.org'],
      [await createCsr(names, pem), 'its key is rsa, 1024 bits, and p256 is wanted'],
      [await createCsr(names, await createKey('p384')), 'secp384r1'],
      [asPem, 'its signature is not by the key that it is for'],
      ['nonsense', 'it is not PKCS#10 in PEM'],
    ] as const) {
      const refused = await post(csr);
      expect(refused).toMatchObject({ status: 422, code: 'bad-csr' });
      expect(refused.detail).toContain(why);
      const shown = await mustBe(0, await hub.run(['show', 'example.org']));
      expect(shown.stdout, 'who looks is told').toContain('was refused');
    }
    const told = await hub.run(['issue', 'example.org', '--wait-delegation', '0']);
    expect(told.stderr).toContain(
      'the request of web for example.org was refused: it is not PKCS#10',
    );
    expect(told.stderr).not.toContain('ordered');

    expect(await post(good)).toEqual({ status: 204 });
    expect(await post(good), 'an answer that was lost').toEqual({ status: 204 });
    await mustBe(0, await hub.run(['issue', 'example.org']));
    expect(await post(good), 'it is done').toMatchObject({ status: 404, code: 'no-request' });
    const bundle = JSON.parse((await web.send('GET', '/v1/agent/bundles/example.org')).body);
    expect(Object.keys(bundle).toSorted()).toEqual(['certificate', 'chain', 'name', 'version']);

    // Keys that were used: by the version before, by another certificate, and by one that is compromised.
    const running = hub.run(['renew', 'example.org']);
    const again = await wanted(web, 'example.org');
    expect(again).not.toBe(id);
    const renewal = await web.send('POST', `/v1/agent/requests/${again}`, {}, { csr: good });
    expect(JSON.parse(renewal.body)).toMatchObject({ status: 422, code: 'key-in-use' });
    const fresh = await createCsr(names, await createKey('p256'));
    await web.send('POST', `/v1/agent/requests/${again}`, {}, { csr: fresh });
    await mustBe(0, await running);
    const other = hub.run(['issue', 'example.org', '--as', 'other', '--key-on', 'web']);
    const third = await wanted(web, 'other');
    const taken = await web.send('POST', `/v1/agent/requests/${third}`, {}, { csr: fresh });
    expect(JSON.parse(taken.body).detail).toContain('its key is the one of example.org');
    const revoking = hub.run(['revoke', 'example.org', '--reason', 'keyCompromise', '--yes']);
    await wanted(web, 'example.org');
    const known = await web.send('POST', `/v1/agent/requests/${third}`, {}, { csr: fresh });
    expect(JSON.parse(known.body)).toMatchObject({ status: 422, code: 'key-compromised' });
    await mustBe(0, await agent.run(['run']));
    for (const one of [other, revoking]) await mustBe(0, await one);
  },
);

test(
  'a hub that dies while it waits for a key, or just after it has the request, goes on where it stood',
  { timeout: 120_000 },
  async () => {
    await using own = await openOwnKeyEstate();
    const { estate, agent } = own;
    const { hub } = estate;
    const web = await requestsOf(hub, agent);
    await wanted(web, 'example.org');
    await own.restartHub();
    const id = await wanted(web, 'example.org');
    const csr = await createCsr(names, await createKey('p256'));
    await web.send('POST', `/v1/agent/requests/${id}`, {}, { csr });
    await own.restartHub();
    const told = await mustBe(0, await hub.run(['issue', 'example.org']));
    expect(told.stdout + told.stderr).toMatch(/issued by|valid certificate already/);
    await withKeyOf(own, ['renew', 'example.org']);
  },
);

test('where the key is to live, once said, is changed by no token and by nothing that does not say it', async () => {
  await using own = await openOwnKeyEstate();
  const { estate, agent } = own;
  const { hub } = estate;
  const web = await requestsOf(hub, agent);
  await mustBe(0, await hub.run(['issue', 'example.org', '--key-at-hub']));
  const begun = hub.run(['issue', 'example.org', '--key-on', 'web']);
  const id = await wanted(web, 'example.org');
  const token = await apiClient(hub, 'deploy', '--scope', 'write');
  const wish = { name: 'example.org', names };
  for (const keyOn of [null, 'mail']) {
    const refused = await token.send('POST', '/v1/certificates', { ...wish, keyOn });
    expect(refused.json).toMatchObject({ status: 403, code: 'socket-only' });
  }
  for (const [path, body] of [
    ['/v1/certificates', wish],
    ['/v1/certificates', { ...wish, keyOn: 'web' }],
    ['/v1/certificates/example.org/renew', undefined],
  ] as const) {
    const joined = await token.send('POST', path, body);
    expect(joined.json, path).toMatchObject({ joined: true, issuance: { waitsForKeyOf: 'web' } });
  }
  expect(await wanted(web, 'example.org'), 'the same').toBe(id);
  await withKeyOf(own, ['issue', 'example.org']);
  await mustBe(0, await begun);
  const shown = JSON.parse((await hub.run(['show', 'example.org', '--json'])).stdout);
  expect(shown).toMatchObject({ keyOn: 'web', version: { keyOn: 'web' } });
});
