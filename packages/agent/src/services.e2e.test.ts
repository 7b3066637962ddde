import { mkdir, readdir, readlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeApache, type Apache } from './testing/apache.js';
import { makeAuthority, type Authority } from './testing/authority.js';
import { startHub, type HubStandIn } from './testing/hub-stand-in.js';
import { makeMachine, type AgentRun, type Machine } from './testing/machine.js';

/** Several services, several certificates: who may throw a version back, and who is reloaded how often. */

let hub: HubStandIn;
let machine: Machine;
let issuer: Authority;
let one: Apache;
let two: Apache;

beforeEach(async () => {
  hub = await startHub();
  machine = await makeMachine();
  issuer = await makeAuthority();
  const hosts = ['example.org', 'example.net'].map((name) => ({ name, certificate: name }));
  one = await makeApache(join(machine.root, 'one'), machine.live, hosts);
  two = await makeApache(join(machine.root, 'two'), machine.live, hosts);
  await machine.agent(['enroll'], hub.token());
});
afterEach(async () => {
  await one[Symbol.asyncDispose]();
  await two[Symbol.asyncDispose]();
  await hub[Symbol.asyncDispose]();
  await machine[Symbol.asyncDispose]();
});

const section = (name: string, apache: Apache, extra = ''): string => `
[[service]]
kind = "apache"
name = "${name}"
certificates = ["example.org", "example.net"]
connect = ["${apache.address}"]
names = ["example.org", "example.net"]
check = ${JSON.stringify(apache.check)}
reload = ${JSON.stringify(apache.reload)}
grace = "6s"
${extra}
`;
const offer = async (
  name: string,
  change: { readonly weak?: boolean; readonly notAfter?: Date } = {},
): Promise<string> => hub.offer(name, await issuer.issue({ names: [name], ...change }), '');
const target = (name: string): Promise<string> => readlink(join(machine.live, name));
const states = (certificate: string): readonly string[] =>
  hub.reports
    .at(-1)
    ?.deployments.find((each) => each.certificate === certificate)
    ?.services.map(({ service, state }) => `${service} ${state}`) ?? [];
const bothInstalled = async (): Promise<AgentRun> => {
  await offer('example.org');
  await offer('example.net');
  return machine.agent(['run']);
};

it('reloads each service once for all certificates', async () => {
  await machine.configure(section('one', one) + section('two', two));
  const run = await bothInstalled();
  expect(run).toMatchObject({ code: 0 });
  expect(run.err.match(/: reloaded/g)).toHaveLength(2);
  expect(states('example.org')).toEqual(['one serving', 'two serving']);
  expect(states('example.net')).toEqual(['one serving', 'two serving']);
});

it('gives a sick service no vote: the healthy one goes forward', async () => {
  // Its reload succeeds and does nothing, as for a service that hangs.
  await machine.configure(
    section('one', one) + section('two', two).replace(/reload = .*/, 'reload = ["true"]'),
  );
  await bothInstalled();
  const version = await offer('example.org');
  const run = await machine.agent(['run', '--now']);
  expect(run.code).toBe(1);
  expect(states('example.org')).toEqual(['one serving', 'two not-serving']);
  expect(await target('example.org')).toContain(version);
});

it('finds out which of several certificates it is that a service dies of', async () => {
  await machine.configure(section('one', one) + section('two', two));
  await bothInstalled();
  const before = await target('example.org');
  await offer('example.org', { weak: true });
  const version = await offer('example.net');
  await machine.agent(['run']);
  // Apache died of one certificate, so neither was proven; both went back, and both old ones are served.
  expect(states('example.org')).toEqual(['one rolled-back', 'two rolled-back']);
  expect(await target('example.org')).toBe(before);
  expect(states('example.net')).toEqual(['one rolled-back', 'two rolled-back']);
  expect((await machine.agent(['run', '--now'])).code).toBe(1);
  expect(states('example.org')).toEqual(['one rolled-back', 'two rolled-back']);
  expect(states('example.net')).toEqual(['one serving', 'two serving']);
  expect(await target('example.org')).toBe(before);
  expect(await target('example.net')).toContain(version);
});

it('never goes back to an expired version: the new one stays, with an alarm', async () => {
  await machine.configure(section('one', one));
  const soon = new Date(Date.now() + 4_000);
  await offer('example.org', { notAfter: soon });
  await offer('example.net');
  expect((await machine.agent(['run'])).code).toBe(0);
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, soon.getTime() - Date.now())));
  const version = await offer('example.org', { weak: true });
  const run = await machine.agent(['run']);
  expect(run.code).toBe(1);
  expect(run.err).toContain('ALARM');
  expect(await target('example.org')).toContain(version);
  expect(states('example.org')).toEqual(['one not-serving']);
});

it('finishes what a killed run left: installed, never reloaded', async () => {
  await machine.configure(section('one', one));
  await bothInstalled();
  const version = await offer('example.org');
  // A run that can't reload, and is forgotten: as if killed between switch and reload.
  await machine.configure(
    section('one', one).replace(/reload = .*/, 'reload = ["sh", "-c", "kill -9 $PPID"]'),
  );
  await expect(machine.agent(['run'])).rejects.toThrow('SIGKILL');
  expect(await target('example.org')).toContain(version);
  await machine.configure(section('one', one));
  const run = await machine.agent(['run']);
  expect(run).toMatchObject({ code: 0 });
  expect(states('example.org')).toEqual(['one serving']);
});

it('puts right what somebody broke by hand, and tells', async () => {
  await machine.configure(section('one', one));
  await bothInstalled();
  await writeFile(join(machine.live, 'example.org', 'privkey.pem'), 'oops');
  const run = await machine.agent(['run']);
  expect(run).toMatchObject({ code: 0, err: expect.stringContaining('damaged') });
  expect(states('example.org')).toEqual(['one serving']);
});

it('installs what no service needs, and says what the hub does not give', async () => {
  await offer('example.com');
  await machine.configure(section('one', one));
  const run = await machine.agent(['run']);
  expect(run.code).toBe(0);
  expect(await target('example.com')).toContain('../sixhub/example.com/');
  expect(run.out).toContain(
    'one is to use example.org, which the hub does not give to this machine',
  );
});

it('leaves a directory of certbot alone, until it is told to adopt it', async () => {
  await machine.configure(section('one', one));
  const made = await issuer.issue({ names: ['example.org'] });
  const directory = join(machine.live, 'example.org');
  await mkdir(directory, { recursive: true });
  const files = {
    cert: made.certificate,
    chain: '',
    fullchain: made.certificate,
    privkey: made.privateKey,
  };
  for (const [file, content] of Object.entries(files)) {
    await writeFile(join(directory, `${file}.pem`), content, { mode: 0o600 });
  }
  await offer('example.org');
  await offer('example.net');
  const refused = await machine.agent(['run']);
  expect(refused).toMatchObject({ code: 1, out: expect.stringContaining('hub-agent run --adopt') });
  expect(await readdir(directory)).toHaveLength(4);
  const adopted = await machine.agent(['run', '--adopt']);
  expect(adopted).toMatchObject({ code: 0 });
  expect(await target('example.org')).toContain(hub.wanted('example.org').version);
  expect(states('example.org')).toEqual(['one serving']);
});
