import { expect, test } from 'vitest';
import { hour, openSimulator } from './simulator.js';

test.each([
  ['after the wait was over', 30 * hour, hour],
  ['in the middle of the wait', 20 * hour, 5 * hour],
])(
  'a machine that slept, and woke %s: what waits goes on in time',
  async (_when, slept, within) => {
    await using hub = await openSimulator({ authorities: [{ name: 'first' }], certificates: [] });
    const [authority] = hub.authorities;
    authority?.conduct.trouble.set('new-order', {
      kind: 'busy',
      retryAfterMs: 24 * hour,
      times: 1,
    });
    await hub.issue('a.example');
    await hub.pass(hour / 2, hour / 12);
    hub.time.jump(slept);
    await hub.pass(within, hour / 12);
    expect(authority?.conduct.violations).toEqual([]);
    expect(await hub.versions('a.example')).toHaveLength(1);
  },
);
