import { expect, test } from 'vitest';
import {
  makeAcmeDns,
  openLab,
  updateValue,
  type AcmeDnsHouse,
  type Registered,
} from '../../lab/index.js';

const value = 'v'.repeat(43);
const done = `200 {"txt": "${value}"}`;
const forbidden = '401 {"error": "forbidden"}';

/** An account that 10.0.0.0/8 alone may update. */
async function inside(house: AcmeDnsHouse): Promise<Registered> {
  const added = await house.run('accounts', 'add', '--allow-from', '10.0.0.0/8');
  const account: Registered = JSON.parse(added.stdout);
  return account;
}

test('without a setting no header counts', async () => {
  await using lab = await openLab();
  const house = await makeAcmeDns(lab);
  const account = await inside(house);
  await house.serve();
  const header = { 'X-Forwarded-For': '10.1.1.1' };
  expect(await updateValue(house, account, value, header)).toBe(forbidden);
});

test('a trusted proxy is believed as far as it wrote, and no further', async () => {
  await using lab = await openLab();
  const house = await makeAcmeDns(lab, {
    api: 'trusted_proxies = ["127.0.0.0/8", "192.0.2.1"]',
  });
  const account = await inside(house);
  await house.serve();
  const from = (chain: string) => updateValue(house, account, value, { 'X-Forwarded-For': chain });
  expect(await from('10.1.1.1')).toBe(done);
  expect(await from('::ffff:10.1.1.1')).toBe(done);
  expect(await from('10.1.1.1, 192.0.2.1')).toBe(done); // a second proxy of ours
  // Anybody can send a header of their own, to which the proxy appends the address it saw.
  expect(await from('10.1.1.1, 198.51.100.7')).toBe(forbidden);
  expect(await from('10.1.1.1, 198.51.100.7, 192.0.2.1')).toBe(forbidden);
  expect(await from('10.1.1.1, junk')).toBe(forbidden);
  expect(await updateValue(house, account, value)).toBe(forbidden);
});

test('who is no trusted proxy is not believed', async () => {
  await using lab = await openLab();
  const house = await makeAcmeDns(lab, { api: 'trusted_proxies = ["192.0.2.1"]' });
  const account = await inside(house);
  await house.serve();
  const header = { 'X-Forwarded-For': '10.1.1.1' };
  expect(await updateValue(house, account, value, header)).toBe(forbidden);
});

test("the Go program's use_header believes any element, under its own name only", async () => {
  await using lab = await openLab();
  const house = await makeAcmeDns(lab, { api: 'use_header = true\nheader_name = "X-Real-Ip"' });
  const account = await inside(house);
  const daemon = await house.serve();
  const from = (name: string, chain: string) =>
    updateValue(house, account, value, { [name]: chain });
  expect(await from('X-Real-Ip', '198.51.100.7, 10.1.1.1')).toBe(done);
  expect(await from('X-Real-Ip', '10.1.1.1, 198.51.100.7')).toBe(done);
  expect(await from('X-Forwarded-For', '10.1.1.1')).toBe(forbidden);
  expect(await daemon.log()).toContain(
    'api.use_header believes whatever a client writes; name the proxies in api.trusted_proxies instead',
  );
  await daemon.stop();
  await house.configure({ api: 'use_header = true\ntrusted_proxies = ["192.0.2.1"]' });
  expect(await house.run('serve')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('api.use_header and api.trusted_proxies exclude each other'),
  });
});
