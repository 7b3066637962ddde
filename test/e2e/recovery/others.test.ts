import { expect, test } from 'vitest';
import { domain, openAuthorityEstate } from '../hub/authority-estate.js';
import { mustBe, openEstate } from '../../lab/index.js';

const day = 86_400_000;

test('a resolver that answers nothing, then late: said as not tested, and the issuance goes on by one order', async () => {
  await using estate = await openEstate();
  const { hub, resolver } = estate;
  await hub.serve();
  await estate.delegate('example.org');
  resolver.signal('SIGSTOP');
  try {
    const asked = await hub.run(['issue', 'example.org', '--wait-delegation', '1s'], {
      timeoutMs: 50_000,
    });
    expect(asked.code, asked.stderr).toBe(3);
    expect(asked.stderr).not.toContain('MISSING');
    await mustBe(0, await hub.run(['list']));
  } finally {
    resolver.signal('SIGCONT'); // what was asked meanwhile is answered now, late
  }
  await mustBe(0, await hub.run(['issue', 'example.org']));
}, 90_000);

test('an authority that dies between finalize and download: the certificate that it made is fetched, and no other', async () => {
  await using estate = await openAuthorityEstate({ names: ['first'], lifetimeMs: 90 * day });
  const { hub, authorities } = estate;
  await hub.serve();
  await estate.delegate();
  const { conduct, ledger } = authorities[0] ?? expect.fail('there is an authority');
  // It has issued, and is gone before anybody has the certificate.
  conduct.trouble.set('certificate', { kind: 'dead', times: 1 });
  await hub.run(['issue', domain]);
  expect(conduct.trouble.size, 'the death was met').toBe(0);
  expect(ledger.certificates.size).toBe(1);
  await mustBe(0, await hub.run(['issue', domain]));
  expect(ledger.orders).toHaveLength(1);
  expect(ledger.certificates.size).toBe(1);
});
