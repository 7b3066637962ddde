import { expect, test } from 'vitest';
import { day, hour, openSimulator, type Simulator } from './simulator.js';

const year = 365 * day;

/** An authority that keeps its own time, so that only the hub's clock is wrong. */
const openHub = (): Promise<Simulator> =>
  openSimulator({
    authorities: [{ name: 'first' }],
    certificates: Array.from({ length: 20 }, (_, at) => `d${at}.example`),
  });

/** What the authority's clock is set apart from the hub's by. */
function setApart({ authorities: [first] }: Simulator, milliseconds: number): void {
  if (first === undefined) throw new Error('one authority');
  first.conduct.clockAheadMs = milliseconds;
}

const orders = (hub: Simulator): number => hub.authorities[0]?.ledger.orders.length ?? Number.NaN;

test.each([
  ['ahead', year],
  ['behind', -year],
])(
  'a clock that is a year %s: nothing is ordered, it is said, and it goes on',
  async (word, wrong) => {
    await using hub = await openHub();
    await hub.pass(hour, hour / 4);
    expect(orders(hub)).toBe(20);
    const right = hub.time.now().getTime();
    setApart(hub, -wrong);
    hub.time.setTo(right + wrong);
    await hub.pass(2 * day, hour);
    await hub.issue('new.example');
    expect(orders(hub)).toBe(20);
    expect(hub.warnings.join('\n')).toMatch(
      new RegExp(`this machine's clock is 365 days ${word}.*nothing is renewed.*timedatectl`),
    );
    expect(await hub.versions('new.example')).toHaveLength(0);
    setApart(hub, 0);
    hub.time.setTo(right + 3 * day);
    await hub.pass(2 * hour, hour / 4);
    expect(await hub.versions('new.example'), 'what a person asked for is done now').toHaveLength(
      1,
    );
    expect(orders(hub), 'and nothing that was not due').toBe(21);
  },
);

test('an authority whose own clock is wrong holds nobody up', async () => {
  await using hub = await openSimulator({
    authorities: [{ name: 'first', clockAheadMs: -3 * day }, { name: 'second' }],
    certificates: ['a.example'],
  });
  expect((await hub.versions('a.example')).map(({ authority }) => authority)).toEqual(['second']);
  await hub.pass(70 * day, day / 2);
  expect((await hub.versions('a.example')).length).toBeGreaterThan(1);
});

test('an authority whose clock is half an hour ahead: its certificate is taken when it is valid, with one order', async () => {
  await using hub = await openSimulator({
    authorities: [{ name: 'first', ahead: () => hour / 2 }],
    certificates: ['a.example'],
  });
  expect(await hub.versions('a.example')).toHaveLength(0);
  expect(hub.warnings.join('\n')).toContain('the certificate is valid only from');
  await hub.pass(hour, hour / 4);
  expect(await hub.versions('a.example')).toHaveLength(1);
  expect(hub.authorities[0]?.ledger.orders).toHaveLength(1);
  await hub.pass(70 * day, day / 2);
  expect(await hub.versions('a.example')).toHaveLength(2);
});
