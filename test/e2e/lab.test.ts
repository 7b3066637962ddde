import { Resolver as DnsClient } from 'node:dns/promises';
import { existsSync, readFileSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runProgram } from '@sixhub/base';
import { expect, test } from 'vitest';
import {
  httpsGet,
  makeSelfSigned,
  openLab,
  ports,
  runCommand,
  runTool,
  startApache,
  startDaemon,
  startNameServer,
  startPebble,
  startResolver,
  type Lab,
} from '../lab/index.js';

/** A name server for example.org, one that plays the acme-dns server, and the resolver that knows both. */
async function startDns(lab: Lab) {
  const customer = await startNameServer(lab, ['example.org', 'example.net']);
  const delegated = await startNameServer(lab, ['acme-dns.beispiel.test']);
  const resolver = await startResolver(lab, [...customer.stubs, ...delegated.stubs]);
  const client = new DnsClient({ timeout: 2_000, tries: 1 });
  client.setServers([resolver.server]);
  return { customer, delegated, resolver, client };
}

test('a TXT query goes through the resolver, the CNAME and the delegated zone', async () => {
  await using lab = await openLab();
  const { customer, delegated, client } = await startDns(lab);
  const name = '_acme-challenge.example.org';
  await expect(client.resolveTxt(name)).rejects.toThrow(/ENOTFOUND/);
  await customer.addRecord(`${name} CNAME one.acme-dns.beispiel.test`);
  await delegated.addRecord('one.acme-dns.beispiel.test. 1 IN TXT "first"');
  expect(await client.resolveTxt(name)).toEqual([['first']]);
  await delegated.addRecord('one.acme-dns.beispiel.test. 1 IN TXT "second"');
  expect((await client.resolveTxt(name)).flat().toSorted()).toEqual(['first', 'second']);
  await delegated.removeRecords('one.acme-dns.beispiel.test');
  await expect(client.resolveTxt(name)).rejects.toThrow(/ENOTFOUND|ENODATA/);
  await customer.removeRecords(name, 'CNAME');
  await expect(client.resolveCname(name)).rejects.toThrow(/ENOTFOUND/);
});

test('the customer’s name server is authoritative, wildcards and CAA included', async () => {
  await using lab = await openLab();
  const { customer, client } = await startDns(lab);
  await customer.addRecord('*.example.org CNAME elsewhere.example.net');
  await customer.addRecord('example.org CAA 0 issue "other.example"');
  const dig = [
    '+norecurse',
    '+time=2',
    '+tries=1',
    '-p',
    String(ports.dns),
    `@${customer.address}`,
  ];
  const answer = await runTool('dig', [...dig, '_acme-challenge.example.org', 'CNAME']);
  expect(answer).toMatch(/flags: qr aa/);
  expect(answer).toMatch(/CNAME\s+elsewhere\.example\.net\./);
  expect(await runTool('dig', [...dig, 'example.org', 'SOA'])).toMatch(/flags: qr aa/);
  const foreign = await runTool('dig', [...dig, 'elsewhere.invalid', 'A']);
  expect(foreign).not.toMatch(/flags: qr aa.*status: NOERROR/s);
  expect(await client.resolveNs('example.org')).toEqual(['ns1.example.org']);
  expect(await client.resolveCaa('example.org')).toEqual([{ critical: 0, issue: 'other.example' }]);
  expect(await client.resolve4('ns1.example.org')).toEqual([customer.address]);
});

test('a stub that is added at run time is asked; no other name exists', async () => {
  await using lab = await openLab();
  const { resolver, client } = await startDns(lab);
  await expect(client.resolveNs('more.example')).rejects.toThrow(/ENOTFOUND/);
  const more = await startNameServer(lab, ['more.example']);
  for (const stub of more.stubs) await resolver.addStub(stub);
  expect(await client.resolveNs('more.example')).toEqual(['ns1.more.example']);
  await expect(client.resolveNs('debian.org')).rejects.toThrow(/ENOTFOUND/);
});

test('pebble answers its directory, gives its root, and asks for a binding where told to', async () => {
  await using lab = await openLab();
  const resolver = await startResolver(lab, []);
  const pebble = await startPebble(lab, {
    resolver: resolver.server,
    externalAccounts: {
      'kid-1': 'zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W',
    },
  });
  const ca = await readFile(pebble.httpsCertificate);
  const { status, body } = await httpsGet(pebble.directory, { ca });
  expect(status).toBe(200);
  expect(JSON.parse(body)).toMatchObject({ meta: { externalAccountRequired: true } });
  expect(await pebble.root()).toMatch(/^-----BEGIN CERTIFICATE-----/);
});

test('Apache serves what lies at its paths, and something else after its reload', async () => {
  await using lab = await openLab();
  const live = await lab.makeDirectory('live');
  const address = lab.address();
  const install = async (name: string): Promise<void> => {
    const made = await makeSelfSigned(live, address, name);
    await rename(made.certificate, join(live, 'fullchain.pem'));
    await rename(made.privateKey, join(live, 'privkey.pem'));
  };
  await install('first.example');
  const apache = await startApache(lab, [{ address, names: ['any.example'], certificate: live }]);
  const [file = '', ...args] = apache.check;
  expect(await runProgram(file, args)).toMatchObject({ code: 0 });
  await install('second.example');
  const look = ['s_client', '-connect', apache.endpoints[0] ?? ''];
  expect(await runTool('openssl', look)).toContain('subject=CN = first.example');
  const [reload = '', ...words] = apache.reload;
  expect(await runProgram(reload, words)).toMatchObject({ code: 0 });
  await expect
    .poll(() => runTool('openssl', look), { timeout: 5_000 })
    .toContain('subject=CN = second.example');
});

test('a command of this checkout is run as a person would run it', async () => {
  const lines: string[] = [];
  const result = await runCommand('hub', ['--help'], { onLine: (line) => lines.push(line) });
  expect(result).toMatchObject({ code: 0, stderr: '' });
  expect(lines.join('\n')).toMatch(/^ *issue +issue a certificate/m);
  expect(await runCommand('hub-agent', ['no-such-command'])).toMatchObject({ code: 2, stdout: '' });
});

test('two labs run at once and leave nothing behind', async () => {
  const directories: string[] = [];
  const pids: number[] = [];
  {
    await using one = await openLab();
    await using two = await openLab();
    for (const lab of [one, two]) {
      directories.push(lab.directory);
      const { customer, resolver, client } = await startDns(lab);
      const pebble = await startPebble(lab, { resolver: resolver.server });
      pids.push(customer.pid, resolver.pid, pebble.pid);
      expect(await client.resolveNs('example.net')).toEqual(['ns1.example.net']);
    }
    expect(pids.filter(isAlive)).toEqual(pids);
  }
  expect(directories.filter((directory) => existsSync(directory))).toEqual([]);
  expect(pids.filter(isAlive)).toEqual([]);
});

test('a daemon that ends early is told with its last words', async () => {
  await using lab = await openLab();
  const place = await lab.makeDirectory('broken');
  const config = join(place, 'unbound.conf');
  await writeFile(config, 'server:\n  no-such-setting: 1\n');
  const start = startDaemon({
    name: 'unbound',
    program: '/usr/sbin/unbound',
    args: ['-d', '-c', config],
    logFile: join(place, 'log'),
    ready: { says: 'never', holds: async () => false },
  });
  await expect(start).rejects.toMatchObject({
    message: expect.stringMatching(/^unbound ended before it was ready: /),
    hint: expect.stringContaining('no-such-setting'),
  });
});

test('daemons end with a process that is killed', async () => {
  await using lab = await openLab();
  const place = await lab.makeDirectory('killed');
  const log = join(place, 'log');
  const parent = await startDaemon({
    name: 'parent',
    program: process.execPath,
    args: [
      '-e',
      `require('child_process').spawn('setpriv', ['--pdeathsig', 'KILL', '--', 'sleep', '600'])
        .once('spawn', function () { console.log('child', this.pid); })`,
    ],
    logFile: log,
    ready: { says: 'child', holds: async (read) => /child \d+/.test(await read()) },
  });
  const child = Number(/child (\d+)/.exec(await parent.log())?.[1]);
  expect(isAlive(child)).toBe(true);
  process.kill(parent.pid, 'SIGKILL'); // itself alone: the kernel does the rest
  await expect.poll(() => isAlive(child), { timeout: 3_000 }).toBe(false);
});

/** Ended ones may linger as defunct, where nobody waits for them; they are as good as gone. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false; // no such process
  }
}
