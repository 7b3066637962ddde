import type { RevocationReason } from '@sixhub/acme';
import { certificateName } from '@sixhub/protocol';
import { expect, test } from 'vitest';
import { day, hour, openSimulator, type Simulator } from './simulator.js';

const minute = 60_000;
const name = certificateName.parse('a.example');

/** As `hub revoke` leaves it when it is killed before it could ask for the next version. */
async function revoke(hub: Simulator, reason: RevocationReason): Promise<void> {
  const version = await hub.store.certificates.newest(name);
  if (version === undefined) throw new Error('there is no version');
  await hub.store.certificates.revoke(version, { at: hub.time.now(), reason });
}

test('what was revoked to end is not renewed, whatever the calendar or the authority says', async () => {
  await using hub = await openSimulator({
    authorities: [{ name: 'first' }],
    certificates: ['a.example'],
  });
  await hub.pass(day, hour);
  await revoke(hub, 'cessationOfOperation');
  await hub.pass(100 * day, 6 * hour);
  expect(await hub.versions('a.example')).toHaveLength(1);
  await hub.issue('a.example');
  await hub.pass(100 * day, 6 * hour);
  expect((await hub.versions('a.example')).length, 'issued anew, it is renewed').toBe(3);
});

test('what was revoked to be replaced is, by the next tick, without renewal information too', async () => {
  await using hub = await openSimulator({
    authorities: [{ name: 'first', renewalInfoRetryMs: undefined }],
    certificates: ['a.example'],
  });
  await hub.pass(day, hour);
  await revoke(hub, 'keyCompromise');
  await hub.pass(2 * hour, hour);
  expect(await hub.versions('a.example')).toHaveLength(2);
  expect(hub.warnings.join()).toContain('its newest version is revoked, and is replaced');
});

test.each([
  ['while the authority is at work', 2],
  ['while the hub waits for its next try', 4],
])('a key that is called compromised %s is in no version that follows', async (_when, minutes) => {
  await using hub = await openSimulator({
    authorities: [{ name: 'first' }],
    certificates: ['a.example'],
  });
  const { store } = hub;
  const [authority] = hub.authorities;
  const first = await store.certificates.newest(name);
  const key = first && (await store.certificates.privateKey(first.id));
  if (authority === undefined || first === undefined || key === undefined) throw new Error('none');
  // The next version is to keep the key, and its order stands with it at the authority for a while.
  authority.conduct.trouble.set('new-order', { kind: 'busy' });
  await hub.pass(minute, minute);
  await hub.issue('a.example');
  const issuance = await store.issuances.newestOf(name);
  await store.issuances.saveKey(issuance?.id ?? '', key);
  authority.conduct.trouble.clear();
  authority.conduct.slowFinalize = 1_000_000;
  await hub.pass(minutes * minute + minute / 2, minute / 2);
  const order = authority.ledger.orders.at(-1);
  expect(order?.issued).toBeDefined();

  await store.certificates.revoke(first, { at: hub.time.now(), reason: 'keyCompromise' });
  authority.conduct.slowFinalize = 0;
  if (order !== undefined) order.processing = 0;
  await hub.pass(2 * hour, hour / 4);
  const after = await store.certificates.newest(name);
  expect(after?.id).not.toBe(first.id);
  expect(await store.certificates.privateKey(after?.id ?? '')).not.toBe(key);
  expect(authority.ledger.orders, 'one more than the one that was given up').toHaveLength(3);
});
