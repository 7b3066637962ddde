import { expect, test } from 'vitest';
import { frontEnd, mustBe, openEstate } from '../../lab/index.js';

test('an authority that nobody answers for: exit 4, and when it is tried again', async () => {
  await using estate = await openEstate({
    directory: async (_lab, pebble) => ({
      directory: pebble.directory.replace(/:\d+/, ':9'),
      httpsCertificate: pebble.httpsCertificate,
    }),
  });
  const { hub } = estate;
  await hub.serve();
  await estate.delegate('example.org');
  const failed = await mustBe(4, await hub.run(['issue', 'example.org']));
  expect(failed.stderr).toContain('the connection was refused');
  expect(failed.stderr).toMatch(/tries again by itself at \d{4}-.* \(in 59s|\(in 1m/);
  expect((await mustBe(0, await hub.run(['list']))).stdout).toContain('tries again');
});

test('429 with Retry-After: called rate limiting, obeyed, and remembered across a restart', async () => {
  await using estate = await openEstate({
    directory: frontEnd((path) =>
      path === '/order-plz'
        ? {
            status: 429,
            headers: { 'Retry-After': '7200' },
            body: { type: 'urn:ietf:params:acme:error:rateLimited', detail: 'too many orders' },
          }
        : undefined,
    ),
  });
  const { hub } = estate;
  const daemon = await hub.serve();
  await estate.delegate('example.org');
  const failed = await mustBe(1, await hub.run(['issue', 'example.org']));
  expect(failed.stderr).toContain('too many orders');
  expect(failed.stderr).toMatch(/\(in (1h 59m|2h)/);
  const hurried = await mustBe(1, await hub.run(['issue', 'example.org']));
  expect(hurried.stderr).toContain('too many orders');
  const before = JSON.parse((await hub.run(['show', 'example.org', '--json'])).stdout);
  await daemon.stop();
  await hub.serve();
  const after = JSON.parse((await hub.run(['show', 'example.org', '--json'])).stdout);
  expect(after.issuance.retryAt).toBe(before.issuance.retryAt);
  expect(after.issuance).toMatchObject({ stage: 'order', failures: 1 });
});

test('an authority that wants an external account: what to do is said, and nothing is retried', async () => {
  await using estate = await openEstate({
    pebble: {
      externalAccounts: {
        'kid-1': 'zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W',
      },
    },
  });
  const { hub } = estate;
  await hub.serve();
  await estate.delegate('example.org');
  const failed = await mustBe(1, await hub.run(['issue', 'example.org']));
  expect(failed.stderr).toContain('eab_key_id');
  expect(failed.stderr).toContain('does not try again by itself');
  expect(failed.stderr).not.toMatch(/^\s+at /m);
});

test.each([25, 50])('%i % of all nonces refused fails no issuance', async (rejectNonces) => {
  await using estate = await openEstate({ pebble: { rejectNonces } });
  const { hub } = estate;
  await hub.serve();
  await estate.delegate('example.org');
  await mustBe(0, await hub.run(['issue', 'example.org']));
});
