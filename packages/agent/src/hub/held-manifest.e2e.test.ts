import { ExtendedKeyUsage } from '@peculiar/x509';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeAuthority, type Authority } from '../testing/authority.js';
import { startHub, type HubStandIn } from '../testing/hub-stand-in.js';
import { openHub } from './client.js';

let hub: HubStandIn;
let issuer: Authority;
beforeAll(async () => {
  hub = await startHub();
  issuer = await (await makeAuthority()).intermediate();
});
afterAll(() => hub[Symbol.asyncDispose]());

async function connection(signal = new AbortController().signal) {
  const { certificate, privateKey } = await hub.ca.issue({
    names: ['web'],
    uses: [ExtendedKeyUsage.clientAuth],
  });
  return openHub({ hubs: [hub.url], ca: hub.ca.pem, certificate, privateKey }, signal);
}

const offer = async (): Promise<string> =>
  hub.offer('example.org', await issuer.issue({ names: ['example.org'] }), issuer.pem);
const never = new AbortController().signal;

it('waits for another manifest on one connection, which serves the next question, too', async () => {
  await offer();
  using client = await connection();
  const known = await client.manifest(undefined);
  const waiting = client.awaitManifest(known, 60, never);
  await expect.poll(() => hub.held).toBe(1);
  const version = await offer();
  const changed = await waiting;
  expect(changed.manifest.certificates).toMatchObject([{ version }]);
  expect(await client.manifest(changed)).toBe(changed);
});

it('is the same object after the seconds are over, and no sooner', async () => {
  using client = await connection();
  const known = await client.manifest(undefined);
  const askedAt = performance.now();
  expect(await client.awaitManifest(known, 1, never)).toBe(known);
  expect(performance.now() - askedAt).toBeGreaterThan(990);
});

it('can be called in a circle, whatever the hub answers', async () => {
  using client = await connection();
  const known = await client.manifest(undefined);
  // One that is woken for nothing says 304 at once, as does a hub that does not know how to wait.
  const askedAt = performance.now();
  const waiting = client.awaitManifest(known, 2, never);
  await expect.poll(() => hub.held).toBe(1);
  hub.refuse(undefined);
  expect(await waiting).toBe(known);
  expect(performance.now() - askedAt).toBeGreaterThan(1_990);
});

it('ends with its signal, and with the connection', async () => {
  const closing = new AbortController();
  using client = await connection(closing.signal);
  const known = await client.manifest(undefined);
  const stop = new AbortController();
  const waiting = client.awaitManifest(known, 60, stop.signal);
  await expect.poll(() => hub.held).toBe(1);
  const reason = new Error('enough');
  stop.abort(reason);
  await expect(waiting).rejects.toBe(reason);
  await expect.poll(() => hub.held).toBe(0);
  const other = client.awaitManifest(known, 60, never);
  await expect.poll(() => hub.held).toBe(1);
  closing.abort(reason);
  await expect(other).rejects.toBe(reason);
});

it('is told at once that the agent was removed', async () => {
  using client = await connection();
  const known = await client.manifest(undefined);
  const waiting = client.awaitManifest(known, 60, never);
  await expect.poll(() => hub.held).toBe(1);
  hub.refuse(401);
  await expect(waiting).rejects.toMatchObject({ code: 'agent-removed' });
  hub.refuse(undefined);
});
