import { mkdir, readdir, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { programFailure, runProgram } from '@sixhub/base';
import { makeApache, type Apache } from './testing/apache.js';
import { makeAuthority, type Authority } from './testing/authority.js';
import { startHub, type HubStandIn } from './testing/hub-stand-in.js';
import { makeMachine, type Machine } from './testing/machine.js';

/** What breaks on machines that nobody watches: disks, links, programs that hang, listeners that lie. */

const name = 'example.org';
let hub: HubStandIn;
let machine: Machine;
let issuer: Authority;
let apache: Apache;
const mounted: string[] = [];

beforeEach(async () => {
  hub = await startHub();
  machine = await makeMachine();
  issuer = await makeAuthority();
  apache = await makeApache(join(machine.root, 'web'), machine.live, [{ name, certificate: name }]);
  await machine.configure(section());
  await machine.agent(['enroll'], hub.token());
});
afterEach(async () => {
  await apache[Symbol.asyncDispose]();
  for (const place of mounted.splice(0)) await command('umount', [place]);
  await hub[Symbol.asyncDispose]();
  await machine[Symbol.asyncDispose]();
});

const section = (more = ''): string => `
[[service]]
kind = "apache"
configuration = "${apache.configFile}"
certificates = ["${name}"]
reload = ${JSON.stringify(apache.reload)}
${more}
`;
const offer = async (): Promise<string> =>
  hub.offer(name, await issuer.issue({ names: [name] }), '');
const target = (): Promise<string> => readlink(join(machine.live, name));
const last = () => hub.reports.at(-1)?.deployments[0];
const states = (): readonly string[] => last()?.services.map(({ state }) => state) ?? [];

async function command(program: string, args: readonly string[]): Promise<void> {
  const failure = programFailure(await runProgram(program, args));
  if (failure !== undefined) throw new Error(`${program} ${args.join(' ')}: ${failure}`);
}

/** The whole tree of certificates on a disk of its own, in memory. */
async function onItsOwnDisk(size: string): Promise<string> {
  const place = join(machine.live, '..');
  await command('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=0755`, 'tmpfs', place]);
  mounted.push(place);
  return place;
}

it('a full disk: the old one is served, it is said, and the next run with room goes on', async () => {
  const place = await onItsOwnDisk('256k');
  const first = await offer();
  expect(await machine.agent(['run'])).toMatchObject({ code: 0 });
  await writeFile(join(place, 'filler'), Buffer.alloc(1_048_576)).catch(() => undefined); // as much as there is room for
  const second = await offer();
  const run = await machine.agent(['run']);
  expect(run.code).toBe(1);
  expect(last()).toMatchObject({
    installed: false,
    detail: expect.stringMatching(/ENOSPC|no space/i),
  });
  expect(await target()).toContain(first);
  await rm(join(place, 'filler'));
  expect(await machine.agent(['run', '--now'])).toMatchObject({ code: 0 });
  expect(await target()).toContain(second);
  expect(await readdir(join(machine.versions, name))).toHaveLength(2);
});

it('a disk that is read-only: likewise', async () => {
  const place = await onItsOwnDisk('1m');
  const first = await offer();
  expect(await machine.agent(['run'])).toMatchObject({ code: 0 });
  const second = await offer();
  await command('mount', ['-o', 'remount,ro', place]);
  expect((await machine.agent(['run'])).code).toBe(1);
  expect(last()).toMatchObject({
    installed: false,
    detail: expect.stringMatching(/EROFS|read-only/i),
  });
  expect(await target()).toContain(first);
  await command('mount', ['-o', 'remount,rw', place]);
  expect(await machine.agent(['run', '--now'])).toMatchObject({ code: 0 });
  expect(await target()).toContain(second);
});

it('live on another file system, behind a link: the versions are there too, and a switch is one rename', async () => {
  const place = join(machine.root, 'other');
  await mkdir(place);
  await command('mount', ['-t', 'tmpfs', '-o', 'size=1m,mode=0755', 'tmpfs', place]);
  mounted.push(place);
  await mkdir(join(place, 'live'));
  await symlink(join(place, 'live'), machine.live);
  await offer();
  expect(await machine.agent(['run'])).toMatchObject({ code: 0 });
  const second = await offer();
  expect(await machine.agent(['run'])).toMatchObject({ code: 0 });
  expect(await readlink(join(place, 'live', name))).toContain(second);
  expect(states()).toEqual(['serving']);
});

it('certbot’s tree with broken links: left alone and told, and taken over where that is asked for', async () => {
  const lineage = join(machine.live, name);
  await mkdir(lineage, { recursive: true });
  for (const file of ['cert', 'chain', 'fullchain', 'privkey']) {
    await symlink(`../../archive/${name}/${file}1.pem`, join(lineage, `${file}.pem`));
  }
  const version = await offer();
  const refused = await machine.agent(['run']);
  expect(refused).toMatchObject({ code: 1, out: expect.stringContaining('hub-agent run --adopt') });
  expect(await readdir(lineage)).toHaveLength(4);
  expect(await machine.agent(['run', '--adopt'])).toMatchObject({ code: 0 });
  expect(await target()).toContain(version);
  expect(states()).toEqual(['serving']);
});

it('a service that is not installed: told by name, and no reason to leave the others', async () => {
  const version = await offer();
  await machine.configure(
    `${section()}\n[[service]]\nkind = "generic"\nname = "gone"\ncertificates = ["${name}"]\n` +
      `connect = ["127.0.0.1:9"]\ncheck = ["/usr/sbin/no-such-daemon", "-t"]\nreload = ["/usr/sbin/no-such-daemon", "-r"]\n`,
  );
  expect((await machine.agent(['run'])).code).toBe(1);
  expect(states()).toEqual(['serving', 'broken-before']);
  expect(last()?.services[1]?.detail).toContain('there is no program /usr/sbin/no-such-daemon');
  expect(await target()).toContain(version);
});

it(
  'a check that never ends: ended, told, and the next run goes on',
  { timeout: 120_000 },
  async () => {
    await offer();
    expect(await machine.agent(['run'])).toMatchObject({ code: 0 });
    const before = await target();
    const second = await offer();
    await machine.configure(section('check = ["sleep", "1000"]'));
    expect((await machine.agent(['run'])).code).toBe(1);
    expect(last()?.detail).toContain('not switched');
    expect(last()?.services[0]).toMatchObject({
      state: 'broken-before',
      detail: expect.stringContaining('no end after 30 s'),
    });
    expect(await target()).toBe(before);
    await machine.configure(section());
    expect(await machine.agent(['run', '--now'])).toMatchObject({ code: 0 });
    expect(await target()).toContain(second);
  },
);

it('a listener that takes connections and says nothing is told as that', async () => {
  const server = createServer(() => undefined).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  try {
    await offer();
    await machine.configure(
      `[[service]]\nkind = "generic"\ncertificates = ["${name}"]\nconnect = ["127.0.0.1:${port}"]\nreload = ["true"]\ngrace = "0s"\n`,
    );
    expect((await machine.agent(['run'])).code).toBe(1);
    expect(last()?.services[0]).toMatchObject({
      state: 'not-serving',
      detail: `127.0.0.1:${port}: no answer within 5 s`,
    });
  } finally {
    server.close();
  }
});

it('one that needs a restart: taken back, and told that the reload did not do it', async () => {
  await offer();
  expect(await machine.agent(['run'])).toMatchObject({ code: 0 });
  const before = await target();
  const second = await offer();
  await machine.configure(section('grace = "1s"').replace(/reload = .*/, 'reload = ["true"]'));
  expect((await machine.agent(['run'])).code).toBe(1);
  expect(states()).toEqual(['rolled-back']);
  expect(last()?.services[0]?.detail).toContain('serves another certificate');
  expect(await target()).toBe(before);
  // Its owner says how it is done.
  await machine.configure(section());
  expect(await machine.agent(['run', '--now'])).toMatchObject({ code: 0 });
  expect(await target()).toContain(second);
});
