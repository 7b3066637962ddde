import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeApache, type Apache } from './testing/apache.js';
import { makeAuthority, type Authority } from './testing/authority.js';
import { startHub, type HubStandIn } from './testing/hub-stand-in.js';
import { makeMachine, type Machine } from './testing/machine.js';
import { takeRunLock } from './state/lock.js';

const main = fileURLToPath(new URL('../bin/hub-agent.js', import.meta.url));
const name = 'example.org';
let hub: HubStandIn;
let machine: Machine;
let issuer: Authority;
let apache: Apache;

beforeEach(async () => {
  hub = await startHub();
  machine = await makeMachine();
  issuer = await makeAuthority();
  apache = await makeApache(join(machine.root, 'web'), machine.live, [{ name, certificate: name }]);
  await machine.configure(`
[[service]]
kind = "apache"
configuration = "${apache.configFile}"
certificates = ["${name}"]
reload = ${JSON.stringify(apache.reload)}
`);
  await machine.agent(['enroll'], hub.token());
});
afterEach(async () => {
  await apache[Symbol.asyncDispose]();
  await hub[Symbol.asyncDispose]();
  await machine[Symbol.asyncDispose]();
});

const offer = async (): Promise<string> =>
  hub.offer(name, await issuer.issue({ names: [name] }), '');
const target = (): Promise<string> =>
  readlink(join(machine.live, name)).catch(() => 'nothing is installed');
const patient = { timeout: 20_000, interval: 20 };
/** Of the last report. */
const states = (): readonly string[] =>
  hub.reports
    .at(-1)
    ?.deployments.flatMap(({ version, services }) =>
      services.map(({ state }) => `${version} ${state}`),
    ) ?? [];

it('has a new version served as soon as the hub has it, and waits quietly in between', async () => {
  const first = await offer();
  const watching = machine.spawnAgent(['watch']);
  const ended = once(watching, 'exit');
  await expect.poll(states, patient).toEqual([`${first} serving`]);
  await expect.poll(() => hub.held, patient).toBe(1);
  const asked = hub.requests.length;
  const second = await offer();
  await expect.poll(states, patient).toEqual([`${second} serving`]);
  expect(await target()).toContain(second);
  // One question that was held, then manifest, bundle, report, and the next question.
  await expect.poll(() => hub.held, patient).toBe(1);
  expect(hub.requests.length - asked).toBeLessThanOrEqual(6);
  watching.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
});

it('runs under the lock of all runs, after the one that has it', async () => {
  const first = await offer();
  const watching = machine.spawnAgent(['watch']);
  const ended = once(watching, 'exit');
  await expect.poll(states, patient).toEqual([`${first} serving`]);
  await expect.poll(() => hub.held, patient).toBe(1);
  let second: string;
  {
    await using lock = await takeRunLock(machine.state);
    expect(lock).toBeDefined();
    const asked = hub.requests.length;
    second = await offer();
    await expect.poll(() => hub.requests.length, patient).toBeGreaterThan(asked + 1);
    expect(await target()).toContain(first);
  }
  await expect.poll(states, patient).toEqual([`${second} serving`]);
  watching.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
});

it('goes on when the hub is away and back, and ends where this machine is nobody there', async () => {
  await offer();
  const watching = machine.spawnAgent(['watch']);
  const ended = once(watching, 'exit');
  await expect.poll(() => hub.held, patient).toBe(1);
  hub.refuse(401);
  await offer();
  await expect.poll(() => hub.held, patient).toBe(0);
  hub.refuse(undefined);
  const last = await offer();
  await expect.poll(states, { timeout: 50_000, interval: 50 }).toEqual([`${last} serving`]);
  watching.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
  const stranger = await makeMachine();
  try {
    expect(await stranger.agent(['watch'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('not enrolled'),
    });
  } finally {
    await stranger[Symbol.asyncDispose]();
  }
});

it('asks no more often where its state takes no word more', async () => {
  // Full from the first run on: what the hub said can't be kept, nor what came of it.
  const watching = spawn('unshare', [
    ...['-m', 'sh', '-ec'],
    `mount -t tmpfs -o size=64k state /mnt
cp "$1"/* /mnt && touch /mnt/run.lock
mount --move /mnt "$1"
cat /dev/zero > "$1"/filling 2> /dev/null || true
shift && exec "$@"`,
    ...['watch', machine.state, process.execPath, main, 'watch'],
    ...['--config', join(machine.root, 'agent.toml')],
  ]);
  const ended = once(watching, 'exit');
  await offer();
  await expect.poll(() => hub.held, patient).toBe(1);
  const asked = hub.requests.length;
  const second = await offer();
  await expect.poll(states, patient).toEqual([`${second} serving`]);
  await expect.poll(() => hub.held, patient).toBe(1);
  expect(hub.requests.length - asked).toBeLessThanOrEqual(8);
  watching.kill('SIGTERM');
  await ended;
});
