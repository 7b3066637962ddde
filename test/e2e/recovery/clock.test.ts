import { certificateName } from '@sixhub/protocol';
import { expect, test } from 'vitest';
import { day, hour, openSimulator, type Simulator } from '../renewal/simulator.js';
import { Obstacles } from './stumble.js';

/** More than an issuance waits for would be an endless loop. */
const most = 200;

test.each([
  { jump: 'a day ahead', by: day },
  { jump: 'a hundred days ahead', by: 100 * day },
  { jump: 'a day back', by: -day },
  { jump: 'a hundred days back', by: -100 * day },
])(
  'a clock that jumps $jump at anything that an issuance waits for, and is set right: one order, one version',
  async ({ by }) => {
    let hub: Simulator | undefined = undefined as Simulator | undefined;
    let wrong = 0;
    const jump = (): void => {
      wrong = by;
      const { time } = hub ?? expect.fail('there is a hub');
      time.setTo(time.now().getTime() + by);
    };
    const obstacles = new Obstacles('interrupted', jump);
    await using opened = await openSimulator({
      authorities: [
        {
          ...{ name: 'first', reuse: { validMs: 7 * hour, pending: true } },
          ahead: () => -wrong, // the authority's own clock is right
        },
      ],
      certificates: ['known.example'],
      obstacle: obstacles,
    });
    hub = opened;
    const { ledger } = opened.authorities[0] ?? expect.fail('there is an authority');
    let count = 1;
    for (; count < most; count++) {
      const name = `n${count}.example`;
      obstacles.arm(count);
      await opened.issue(name).catch(() => undefined);
      const { at } = obstacles;
      await opened.pass(30 * 60_000, 10 * 60_000);
      obstacles.clear();
      const { time } = opened;
      time.setTo(time.now().getTime() - wrong);
      wrong = 0;
      const known = certificateName.parse(name);
      if ((await opened.store.issuances.newestOf(known)) === undefined) await opened.issue(name);
      for (let turn = 0; turn < 6 && (await opened.versions(name)).length === 0; turn++)
        await opened.pass(hour, hour / 6);
      const story = `jumped at ${count}: ${at}`;
      expect(await opened.versions(name), story).toHaveLength(1);
      const orders = ledger.orders.filter(({ names }) => names.includes(name));
      expect(orders, story).toHaveLength(1);
      expect(ledger.accounts, story).toHaveLength(1);
      if (at === undefined) break;
    }
    expect(count).toBeGreaterThan(30);
    expect(count).toBeLessThan(most);
  },
  300_000,
);
