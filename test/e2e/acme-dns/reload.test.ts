import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  acmeDnsZone,
  answeredValues,
  makeAcmeDns,
  makeDnsperf,
  openLab,
  ports,
  registerAccount,
  runTool,
  updateValue,
  type AcmeDnsHouse,
  type Daemon,
} from '../../lab/index.js';

const token = 'a-token-of-the-operator-0123456789';
const value = (letter: string): string => letter.repeat(43);

async function register(house: AcmeDnsHouse, headers: Record<string, string> = {}) {
  const answer = await fetch(`${house.api}/register`, { method: 'POST', headers });
  await answer.arrayBuffer();
  return answer;
}

function dig(house: AcmeDnsHouse, name: string, type: string): Promise<string> {
  return runTool('dig', [`@${house.address}`, '-p', String(ports.dns), '+short', name, type]);
}

async function hangUp(daemon: Daemon, says: RegExp): Promise<void> {
  const count = async () => [...(await daemon.log()).matchAll(new RegExp(says, 'g'))].length;
  const before = await count();
  daemon.signal('SIGHUP');
  await expect.poll(count, { timeout: 5_000 }).toBe(before + 1);
}

const again = /"msg":"configuration read again"/;

test('SIGHUP takes over all that can change, and names what can not', async () => {
  await using lab = await openLab();
  const house = await makeAcmeDns(lab);
  const daemon = await house.serve();
  const account = await registerAccount(house);
  expect(await dig(house, `mail.${acmeDnsZone}`, 'A')).toBe('');

  await house.configure({
    records: [`mail.${acmeDnsZone}. A 192.0.2.25`],
    api: `registration = "guarded"
registration_tokens = ["${token}"]
corsorigins = ["https://*.beispiel.test"]
trusted_proxies = ["127.0.0.0/8"]`,
    more: '[values]\nrolling = 3',
  });
  await hangUp(daemon, again);
  expect(await dig(house, `mail.${acmeDnsZone}`, 'A')).toBe('192.0.2.25\n');
  expect((await register(house)).status).toBe(403);
  const answer = await register(house, {
    Authorization: `Bearer ${token}`,
    Origin: 'https://admin.beispiel.test',
    'X-Forwarded-For': '192.0.2.9',
  });
  expect(answer.status).toBe(201);
  expect(answer.headers.get('access-control-allow-origin')).toBe('https://admin.beispiel.test');
  await expect
    .poll(() => daemon.log())
    .toContain('"client":"192.0.2.9","msg":"account registered"');
  for (const letter of 'abcd') await updateValue(house, account, value(letter));
  expect(await answeredValues(house, account)).toEqual([value('b'), value('c'), value('d')]);
  expect(await daemon.log()).not.toContain('restart');

  // Another port of the API stays shut until the next start, and is named.
  await house.configure({ more: `[metrics]\nlisten = "${house.address}:${ports.api}"` });
  await hangUp(daemon, again);
  await expect
    .poll(() => daemon.log())
    .toContain('"msg":"metrics.listen has changed and needs a restart"');
  expect((await register(house)).status).toBe(201); // open again
});

test('what is wrong with a new file is said, and the old one goes on', async () => {
  await using lab = await openLab();
  const house = await makeAcmeDns(lab);
  const daemon = await house.serve();
  const stays = /"msg":"the old configuration stays"/;
  await writeFile(house.config, 'this is no TOML');
  await hangUp(daemon, stays);
  await house.configure({
    records: [`mail.${acmeDnsZone}. A 192.0.2.256`],
    api: 'registration = "off"',
  });
  await hangUp(daemon, stays);
  const log = await daemon.log();
  expect(log).toContain(`"error":"${house.config}:1: `);
  expect(log).toContain(`records line 2: 'mail.${acmeDnsZone}. A 192.0.2.256'`);
  expect((await register(house)).status).toBe(201); // nothing of it was taken
  await house.configure({ records: [`mail.${acmeDnsZone}. A 192.0.2.25`] });
  await hangUp(daemon, again);
  expect(await dig(house, `mail.${acmeDnsZone}`, 'A')).toBe('192.0.2.25\n');
});

test('the level of the log changes, and a file that logrotate moved is opened anew', async () => {
  await using lab = await openLab();
  const house = await makeAcmeDns(lab);
  const file = join(house.place, 'acme-dns.log');
  const settings = `logtype = "both"\nlogfile = "${file}"`;
  await house.configure({ more: settings });
  const daemon = await house.serve();
  await rename(file, `${file}.1`);
  await hangUp(daemon, again);
  await registerAccount(house);
  await expect.poll(() => runTool('tail', ['-n', '1', file])).toContain('account registered');

  const text = (await runTool('cat', [house.config])).replace('"info"', '"error"');
  await writeFile(house.config, text);
  daemon.signal('SIGHUP');
  // At this level its only sign is that nothing more is said.
  await expect
    .poll(async () => {
      const before = await daemon.log();
      await registerAccount(house);
      return (await daemon.log()) === before;
    })
    .toBe(true);
});

test('twenty hang-ups in a stream of queries: none is lost', async () => {
  await using lab = await openLab();
  const house = await makeAcmeDns(lab);
  const daemon = await house.serve();
  const account = await registerAccount(house);
  await updateValue(house, account, value('v'));
  const dnsperf = await makeDnsperf(lab, [
    `${account.fulldomain} TXT`,
    `nobody.${acmeDnsZone} TXT`,
  ]);
  const stream = dnsperf(house.address, ['-l', '4', '-q', '100', '-t', '3', '-Q', '20000']);
  for (let count = 0; count < 20; count++) await hangUp(daemon, again);
  const { sent, lost, text } = await stream;
  expect(sent).toBeGreaterThan(10_000);
  expect(lost).toBe(0);
  expect(text).toMatch(/NOERROR \d+ \(50\.0/);
});
