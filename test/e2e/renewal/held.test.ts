import { expect, test } from 'vitest';
import { hour, openSimulator } from './simulator.js';

const minute = 60_000;

test('who finishes a moment after another was told to wait does not end the wait', async () => {
  await using hub = await openSimulator({ authorities: [{ name: 'first' }], certificates: [] });
  const [authority] = hub.authorities;
  if (authority === undefined) throw new Error('there is an authority');
  const { conduct } = authority;
  conduct.slowFinalize = 3;
  await hub.issue('a.example');
  conduct.trouble.set('new-order', {
    ...({ kind: 'problem', status: 429, type: 'rateLimited', detail: 'too many' } as const),
    ...{ retryAfterMs: 2 * hour, times: 1 },
  });
  await hub.issue('b.example');
  await hub.pass(minute, minute);
  expect(await hub.versions('a.example')).toHaveLength(1);
  await hub.issue('c.example');
  await hub.pass(hour, minute);
  expect(conduct.violations).toEqual([]);
  await hub.pass(2 * hour, minute);
  expect(await hub.versions('b.example')).toHaveLength(1);
  expect(await hub.versions('c.example')).toHaveLength(1);
});
