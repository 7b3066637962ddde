import { certificateName } from '@sixhub/protocol';
import { expect, test } from 'vitest';
import { day, hour, openSimulator, type Simulator } from '../renewal/simulator.js';
import { Obstacles, type Stumble } from './stumble.js';

const name = certificateName.parse('a.example');
const stumbles: readonly Stumble[] = ['refused', 'answer lost', 'disk full'];
const minute = 60_000;
/** More than a renewal waits for would be an endless loop. */
const most = 250;

/** To a moment before the hub would renew by itself. */
async function untilDue({ pass, store, time }: Simulator): Promise<void> {
  const planned = await store.renewals.find(name);
  const due = planned?.renewAt ?? expect.fail('a renewal is planned');
  await pass(due.getTime() - time.now().getTime() - 2 * minute, 3 * day);
}

test.each(stumbles)(
  '%s, at everything that the planner’s own renewal waits for: each is made once, by one order',
  async (kind) => {
    const obstacles = new Obstacles(kind);
    await using hub = await openSimulator({
      authorities: [
        {
          name: 'first',
          reuse: { validMs: 7 * hour, pending: true },
          renewalInfoRetryMs: day,
        },
      ],
      certificates: [name],
      obstacle: obstacles,
    });
    const { ledger, directory } = hub.authorities[0] ?? expect.fail('there is an authority');
    await hub.pass(hour, hour / 2);
    let count = 1;
    for (; count < most; count++) {
      const before = ledger.orders.length;
      const versions = (await hub.versions(name)).length;
      await untilDue(hub);
      obstacles.arm(count);
      await hub.pass(5 * minute, minute);
      const { at } = obstacles;
      if (kind === 'disk full') await hub.pass(hour, hour / 4);
      obstacles.clear();
      await hub.pass(3 * hour, hour / 4);
      const story = `stumbled over ${count}: ${at}\n${hub.warnings.slice(-4).join('\n')}`;
      expect(await hub.versions(name), story).toHaveLength(versions + 1);
      expect(ledger.orders.length - before, story).toBe(1);
      // Nor does a wait stay that would make the next one longer.
      expect(await hub.store.holds.of(directory, name), story).toEqual([]);
      // An answer that nobody heard can't be kept to.
      const unheard = kind === 'answer lost' && at === 'session.renewalInfo';
      const violations = hub.authorities[0]?.conduct.violations.splice(0);
      if (!unheard) expect(violations, story).toEqual([]);
      if (at === undefined) break;
    }
    expect(count).toBeGreaterThan(30);
    expect(count).toBeLessThan(most);
    expect(ledger.accounts).toHaveLength(1);
  },
  400_000,
);
