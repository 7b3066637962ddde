import type { RevocationReason } from '@sixhub/acme';
import { certificateName } from '@sixhub/protocol';
import { expect, test } from 'vitest';
import { day, hour, openSimulator, type Simulator } from './simulator.js';

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
