import { expect, test } from 'vitest';
import { mustBe } from '../../lab/index.js';
import { domain, openAuthorityEstate, until } from './authority-estate.js';

test('an authority that wants to be left alone is not asked for an account or a revocation either', async () => {
  await using estate = await openAuthorityEstate({ names: ['first'], lifetimeMs: 600_000 });
  const { hub } = estate;
  const [first] = estate.authorities;
  if (first === undefined) throw new Error('an authority');
  await hub.serve();
  await estate.delegate();
  await mustBe(0, await hub.run(['issue', domain]));
  first.conduct.trouble.set('account', { kind: 'busy', retryAfterMs: 7_200_000, times: 1 });
  await mustBe(1, await hub.run(['account', 'update', 'pebble']));
  for (const words of [
    ['account', 'update', 'pebble'],
    ['account', 'rollover', 'pebble'],
    ['revoke', domain, '--reason', 'superseded', '--yes'],
  ]) {
    const told = await mustBe(1, await hub.run(words));
    expect(told.stderr).toContain('pebble is not asked before');
  }
  // Nor by a person's curiosity.
  await hub.run(['doctor']);
  expect(first.conduct.violations).toEqual([]);
});

test('an authority that tells the doctor to wait is not asked again before its time', async () => {
  await using estate = await openAuthorityEstate({ names: ['first'], lifetimeMs: 600_000 });
  const { hub } = estate;
  const [first] = estate.authorities;
  if (first === undefined) throw new Error('an authority');
  await hub.serve();
  first.conduct.trouble.set('directory', { kind: 'busy', retryAfterMs: 7_200_000 });
  await hub.run(['doctor']);
  const again = await hub.run(['doctor']);
  expect(again.stdout).toContain('nothing is asked of it until');
  expect(first.conduct.violations).toEqual([]);
});

test('a compromised key while its authority is down: replaced at once by the other, revoked when it is back', async () => {
  await using estate = await openAuthorityEstate({
    names: ['first', 'second'],
    lifetimeMs: 600_000,
  });
  const { hub } = estate;
  const [first, second] = estate.authorities;
  if (first === undefined || second === undefined) throw new Error('two authorities');
  const daemon = await hub.serve();
  await estate.delegate();
  await mustBe(0, await hub.run(['issue', domain]));
  const [known] = first.ledger.certificates.values();

  first.conduct.trouble.set('all', { kind: 'dead' });
  const words = ['revoke', domain, '--reason', 'keyCompromise', '--yes'];
  const told = await mustBe(1, await hub.run([...words, '--account']));
  expect(told.stderr).toContain('pebble: the account has its old key still');
  expect(told.stdout).toContain(`${domain}: out of use here (keyCompromise)`);
  expect(told.stdout).toContain('pebble has not revoked it yet');
  expect(told.stdout).toContain('issued by');
  expect(second.ledger.certificates.size).toBe(1);
  const shown = await mustBe(0, await hub.run(['show', domain]));
  expect(shown.stdout).toMatch(/revoked +\S+ here \(keyCompromise\), not yet by its authority/);
  expect(known?.revoked).toBeUndefined();

  await daemon.stop();
  first.conduct.trouble.clear();
  await hub.serve();
  await until('it is revoked by who issued it', () => known?.revoked !== undefined);
  await until('nothing is left to do', async () => {
    const { stdout } = await mustBe(0, await hub.run(['show', domain, '--json']));
    return JSON.parse(stdout).revocationsPending.length === 0;
  });
});
