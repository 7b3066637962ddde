import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ExtendedKeyUsage } from '@peculiar/x509';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeApache, type Apache } from './testing/apache.js';
import { makeAuthority } from './testing/authority.js';
import { startHub, type HubStandIn } from './testing/hub-stand-in.js';
import { makeMachine, type Machine } from './testing/machine.js';

/** A machine that its hub does not let in, and a hub that is not the one it was, or wants to be another. */

const name = 'example.org';
const day = 86_400_000;
let hub: HubStandIn;
let machine: Machine;
let apache: Apache;

beforeEach(async () => {
  hub = await startHub();
  machine = await makeMachine();
  apache = await makeApache(join(machine.root, 'web'), machine.live, [{ name, certificate: name }]);
  await machine.configure(`
[[service]]
kind = "apache"
configuration = "${apache.configFile}"
certificates = ["${name}"]
reload = ${JSON.stringify(apache.reload)}
`);
  await machine.agent(['enroll'], hub.token());
  const issuer = await makeAuthority();
  hub.offer(name, await issuer.issue({ names: [name] }), '');
  const first = await machine.agent(['run']);
  if (first.code !== 0) throw new Error(first.err);
});
afterEach(async () => {
  await apache[Symbol.asyncDispose]();
  await hub[Symbol.asyncDispose]();
  await machine[Symbol.asyncDispose]();
});

const identityFile = (): string => join(machine.state, 'identity.json');
const identity = async (): Promise<Record<string, string>> =>
  JSON.parse(await readFile(identityFile(), 'utf8'));

it('with an expired client certificate goes on proving what is installed, and says how to enrol again', async () => {
  const now = Date.now();
  const ended = await hub.ca.issue({
    ...{ names: ['web'], subject: 'CN=web', uses: [ExtendedKeyUsage.clientAuth] },
    ...{ notBefore: new Date(now - 90 * day), notAfter: new Date(now - day) },
  });
  const { certificate, privateKey } = ended;
  await writeFile(
    identityFile(),
    JSON.stringify({ ...(await identity()), certificate, privateKey }),
  );
  const asked = hub.requests.length;
  // A day later, as far as looks go.
  const forget = (): Promise<void> => rm(join(machine.state, 'memory.json'));
  await forget();
  const run = await machine.agent(['run', '--json']);
  expect(run.code).toBe(1);
  expect(run.err).toContain('expired on');
  expect(run.err).toContain('hub-agent enroll --again');
  expect(JSON.parse(run.out)).toMatchObject({
    reported: false,
    certificates: [{ name, installed: true, services: [{ state: 'serving' }] }],
  });
  // Of what it has it keeps in order what it can.
  await apache.stop();
  await forget();
  const after = await machine.agent(['run', '--json']);
  expect(JSON.parse(after.out)).toMatchObject({
    certificates: [{ did: 'settle', services: [{ state: 'serving' }] }],
  });
  expect(hub.requests).toHaveLength(asked);
  expect((await machine.agent(['enroll', '--again'], hub.token())).code).toBe(0);
});

it('is told of another CA by the hub itself, and refuses it where the one that it trusts has not signed it', async () => {
  const rogue = await makeAuthority('Test hub CA');
  const before = await identity();
  hub.tell({ addresses: [hub.url], authorities: [hub.ca.pem, rogue.pem], link: rogue.pem });
  const run = await machine.agent(['run']);
  expect(run).toMatchObject({ code: 0, err: expect.stringContaining('it is refused') });
  expect(run.err).toContain(rogue.sha256);
  hub.tell({ addresses: [hub.url], authorities: [rogue.pem], link: rogue.pem });
  expect((await machine.agent(['run'])).code).toBe(0);
  expect(await identity()).toEqual(before);
});

it('does not tell a word to another hub at the address of its own, also not to one that shows the right CA', async () => {
  for (const shownCa of [undefined, hub.ca]) {
    await using other = await startHub(90, shownCa === undefined ? {} : { shownCa });
    await writeFile(identityFile(), JSON.stringify({ ...(await identity()), hubs: [other.url] }));
    const run = await machine.agent(['run']);
    expect(run).toMatchObject({ code: 4, err: expect.stringContaining('nothing was sent to it') });
    expect(other.requests).toEqual([]);
  }
});
