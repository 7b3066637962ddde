import { expect, test } from 'vitest';
import { makeAcmeDns, openLab, type AcmeDnsHouse } from '../../lab/index.js';

const token = 'a-token-of-the-operator-0123456789';

async function register(
  house: AcmeDnsHouse,
  headers: Readonly<Record<string, string>> = {},
): Promise<string> {
  const answer = await fetch(`${house.api}/register`, { method: 'POST', headers });
  const body = await answer.text();
  return answer.status === 201 ? '201' : `${answer.status} ${body}`;
}

test("off, in our words and the Go program's: there is no such route", async () => {
  await using lab = await openLab();
  for (const api of ['registration = "off"', 'disable_registration = true']) {
    const house = await makeAcmeDns(lab, { api });
    await house.serve();
    expect(await register(house)).toBe('404 404 page not found\n');
  }
});

test('guarded: by a token, or from a network, and nobody else', async () => {
  await using lab = await openLab();
  const byToken = await makeAcmeDns(lab, {
    api: `registration = "guarded"\nregistration_tokens = ["${token}"]`,
  });
  await byToken.serve();
  expect(await register(byToken)).toBe('403 {"error": "forbidden"}');
  expect(await register(byToken, { Authorization: `Bearer ${token}x` })).toContain('403');
  expect(await register(byToken, { Authorization: 'Bearer' })).toContain('403');
  expect(await register(byToken, { Authorization: `Bearer ${token}` })).toBe('201');

  const byNetwork = await makeAcmeDns(lab, {
    api: 'registration = "guarded"\nregistration_from = ["192.0.2.0/24"]\ntrusted_proxies = ["127.0.0.0/8"]',
  });
  const daemon = await byNetwork.serve();
  expect(await register(byNetwork)).toContain('403');
  expect(await register(byNetwork, { 'X-Forwarded-For': '192.0.2.77' })).toBe('201');
  expect(await register(byNetwork, { 'X-Forwarded-For': '192.0.2.77, 198.51.100.9' })).toContain(
    '403',
  );
  const log = () => daemon.log();
  await expect.poll(log).toContain('"client":"192.0.2.77","msg":"account registered"');
  await expect.poll(log).toContain('"client":"198.51.100.9","msg":"request refused"');
});

test('open: as often as the limit for a network allows', async () => {
  await using lab = await openLab();
  const house = await makeAcmeDns(lab, {
    api: 'registrations_per_minute = 2\ntrusted_proxies = ["127.0.0.0/8"]',
  });
  await house.serve();
  const from = (client: string) => register(house, { 'X-Forwarded-For': client });
  expect(await from('198.51.100.1')).toBe('201');
  expect(await from('198.51.100.2')).toBe('201');
  expect(await from('198.51.100.3')).toBe('429 Too Many Requests\n');
  expect(await from('203.0.113.1')).toBe('201'); // another network
  expect(await from('nonsense')).toBe('201');
  expect(await from('more')).toBe('201');
  expect(await from('and more')).toContain('429'); // no address is no way around it
});

test('contradictory settings are refused', async () => {
  await using lab = await openLab();
  const house = await makeAcmeDns(lab);
  const refused = async (api: string): Promise<string> => {
    await house.configure({ api });
    const { code, stderr } = await house.run('serve');
    expect(code).toBe(2);
    return stderr;
  };
  expect(await refused('registration = "guarded"')).toContain('lets nobody in');
  expect(await refused('registration = "open"\ndisable_registration = true')).toContain(
    'api.disable_registration and api.registration contradict each other',
  );
  expect(await refused('registration_tokens = ["short"]')).toContain(
    'must have 20 characters or more',
  );
});
