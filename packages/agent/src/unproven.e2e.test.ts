import { chmod, mkdir, readlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeApache, type Apache } from './testing/apache.js';
import { makeAuthority, type Authority } from './testing/authority.js';
import { startHub, type HubStandIn } from './testing/hub-stand-in.js';
import { makeMachine, type Machine } from './testing/machine.js';

/** Runs that were killed between switch and proof, and services of which only a part was well. */

const name = 'example.org';
let hub: HubStandIn;
let machine: Machine;
let issuer: Authority;
let one: Apache;
let two: Apache;

beforeEach(async () => {
  hub = await startHub();
  machine = await makeMachine();
  issuer = await makeAuthority();
  const hosts = [{ name, certificate: name }];
  one = await makeApache(join(machine.root, 'one'), machine.live, hosts);
  two = await makeApache(join(machine.root, 'two'), machine.live, hosts);
  await machine.agent(['enroll'], hub.token());
  await machine.configure(table('one', one) + table('two', two));
  await offer();
  const { code, err } = await machine.agent(['run']);
  if (code !== 0) throw new Error(err);
});
afterEach(async () => {
  await one[Symbol.asyncDispose]();
  await two[Symbol.asyncDispose]();
  await hub[Symbol.asyncDispose]();
  await machine[Symbol.asyncDispose]();
});

const offer = async (weak = false): Promise<string> =>
  hub.offer(name, await issuer.issue({ names: [name], weak }), '');
const target = (): Promise<string> => readlink(join(machine.live, name));
const states = (): readonly string[] =>
  hub.reports
    .at(-1)
    ?.deployments.flatMap(({ services }) =>
      services.map(({ service, state }) => `${service} ${state}`),
    ) ?? [];

function table(
  service: string,
  apache: Apache,
  change: Readonly<Record<string, readonly string[]>> = {},
): string {
  const { check, reload } = apache;
  const words = { connect: [apache.address], check, reload, ...change };
  return [
    '[[service]]',
    'kind = "apache"',
    `name = "${service}"`,
    `certificates = ["${name}"]`,
    'grace = "6s"',
    ...Object.entries(words).map(([key, list]) => `${key} = ${JSON.stringify(list)}`),
    '',
  ].join('\n');
}

it('one dead address takes nobody’s vote: what dies of the new version brings the old one back', async () => {
  const connect = [one.address, '127.0.0.1:1'];
  await machine.configure(table('one', one, { connect }));
  const before = await target();
  await offer(true);
  expect((await machine.agent(['run'])).code).toBe(1);
  expect(await target()).toBe(before);
  expect(states()).toEqual(['one rolled-back']);
  // A version that it can serve stays, and the dead address is told.
  const version = await offer();
  expect((await machine.agent(['run'])).code).toBe(1);
  expect(await target()).toContain(version);
  expect(states()).toEqual(['one not-serving']);
});

it('killed in a check that refuses the new version: the next run knows who was well before, and goes back', async () => {
  const before = await target();
  await offer();
  const killer = join(machine.root, 'killer');
  // Well before the switch; after it, the first time it kills the agent, then it refuses.
  await writeFile(
    killer,
    `#!/bin/sh\n[ "$(readlink ${machine.live}/${name})" = "${before}" ] && exit 0\n` +
      `[ -e ${killer}.met ] || { touch ${killer}.met; kill -9 $PPID; }\necho refused; exit 1\n`,
  );
  await chmod(killer, 0o755);
  await machine.configure(table('one', one, { check: [killer] }));
  await expect(machine.agent(['run'])).rejects.toThrow('SIGKILL');
  expect(await target()).not.toBe(before);
  expect((await machine.agent(['run'])).code).toBe(1);
  expect(await target()).toBe(before);
  expect(states()).toEqual(['one rolled-back']);
});

it('killed twice, the second time beside another certificate’s switch: what was well before is still known', async () => {
  const before = await target();
  await offer();
  const killer = join(machine.root, 'killer');
  await writeFile(
    killer,
    `#!/bin/sh\n[ "$(readlink ${machine.live}/${name})" = "${before}" ] && exit 0\n` +
      `echo >> ${killer}.calls; calls=$(wc -l < ${killer}.calls)\n` +
      `case $calls in 1|3) kill -9 $PPID;; esac\necho refused; exit 1\n`,
  );
  await chmod(killer, 0o755);
  const other =
    '[[service]]\nkind = "generic"\nname = "other"\ncertificates = ["example.net"]\n' +
    'connect = ["127.0.0.1:1"]\nreload = ["true"]\ngrace = "0s"\n';
  await machine.configure(table('one', one, { check: [killer] }) + other);
  await expect(machine.agent(['run'])).rejects.toThrow('SIGKILL');
  await hub.offer('example.net', await issuer.issue({ names: ['example.net'] }), '');
  // Its first call is before the other's switch, and refuses; the next is after it.
  await expect(machine.agent(['run'])).rejects.toThrow('SIGKILL');
  expect((await machine.agent(['run'])).code).toBe(1);
  expect(await target()).toBe(before);
});

it('killed between two reloads: who was ahead goes back with the others', async () => {
  const before = await target();
  await offer();
  const deaf = ['sh', '-c', 'kill -9 $PPID'];
  await machine.configure(table('one', one) + table('two', two, { reload: deaf }));
  await expect(machine.agent(['run'])).rejects.toThrow('SIGKILL');
  await machine.configure(
    (table('one', one) + table('two', two, { reload: ['true'] })).replaceAll('"6s"', '"2s"'),
  );
  expect((await machine.agent(['run'])).code).toBe(1);
  expect(await target()).toBe(before);
  expect(states()).toEqual(['one rolled-back', 'two rolled-back']);
});

it('killed, and the hub is away: proven all the same, told when it is back', async () => {
  const version = await offer();
  await machine.configure(table('one', one, { reload: ['sh', '-c', 'kill -9 $PPID'] }));
  await expect(machine.agent(['run'])).rejects.toThrow('SIGKILL');
  await machine.configure(table('one', one));
  hub.hide(true);
  const alone = await machine.agent(['run']);
  expect(alone).toMatchObject({ code: 4, err: expect.stringContaining('is served') });
  expect(await target()).toContain(version);
  hub.hide(false);
  expect(await machine.agent(['run'])).toMatchObject({ code: 0 });
  expect(states()).toEqual(['one serving']);
});

it('a service that names one version’s directory is told, and throws no other back', async () => {
  const pinned = join(machine.live, await target());
  await two.stop();
  await two[Symbol.asyncDispose]();
  two = await makeApache(join(machine.root, 'three'), join(pinned, '..'), [
    { name, certificate: pinned.split('/').at(-1) ?? '' },
  ]);
  await two.start();
  const own = (service: string, { configFile, reload }: Apache): string =>
    `[[service]]\nkind = "apache"\nname = "${service}"\nconfiguration = "${configFile}"\n` +
    `certificates = ["${name}"]\nreload = ${JSON.stringify(reload)}\ngrace = "2s"\n`;
  await machine.configure(own('one', one) + own('two', two));
  const version = await offer();
  expect((await machine.agent(['run'])).code).toBe(1);
  expect(await target()).toContain(version);
  expect(states()).toEqual(['one serving', 'two not-serving']);
  const words = hub.reports.at(-1)?.deployments[0]?.services[1]?.detail;
  expect(words).toContain(`names one version for ever, ${pinned}/fullchain.pem`);
});

it('what is wrong with one certificate’s place leaves the others alone', async () => {
  // A link that leads nowhere among the versions of one, and a file where a directory should be for the other.
  await hub.offer('example.net', await issuer.issue({ names: ['example.net'] }), '');
  await writeFile(join(machine.versions, 'example.net'), 'not a directory');
  await mkdir(join(machine.versions, name, 'odd'), { recursive: true });
  const version = await offer();
  expect((await machine.agent(['run'])).code).toBe(1);
  expect(await target()).toContain(version);
  const told = hub.reports.at(-1)?.deployments ?? [];
  expect(told.find(({ certificate }) => certificate === 'example.net')).toMatchObject({
    installed: false,
    detail: expect.stringMatching(/ENOTDIR|EEXIST/),
  });
});
