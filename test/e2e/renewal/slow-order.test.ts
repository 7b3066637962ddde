import { expect, test } from 'vitest';
import { hour, openSimulator } from './simulator.js';

const minute = hour / 60;

test('an order that an authority is slow with: it stands, and holds up its own certificate alone', async () => {
  await using hub = await openSimulator({ authorities: [{ name: 'first' }], certificates: [] });
  const [first] = hub.authorities;
  if (first === undefined) throw new Error('one authority');
  const { conduct, ledger } = first;
  conduct.slowFinalize = Infinity;
  await hub.issue('a.example');
  await hub.pass(4 * minute, minute);
  expect(hub.warnings.join('\n')).toContain('the order is still processing after 180 s');
  expect(hub.warnings.join('\n')).toContain('"problem":"slow"');
  conduct.slowFinalize = 0;
  await hub.issue('b.example');
  expect(await hub.versions('b.example'), 'asked in the same minute').toHaveLength(1);
  expect(await hub.versions('a.example')).toHaveLength(0);
  const [order] = ledger.orders;
  if (order === undefined) throw new Error('an order');
  order.processing = 0;
  await hub.pass(20 * minute, minute);
  expect(await hub.versions('a.example')).toHaveLength(1);
  expect(ledger.orders, 'one for each').toHaveLength(2);
}, 60_000);

test('an order that is never answered while its authority is: another is made, within a quarter of an hour', async () => {
  await using hub = await openSimulator({ authorities: [{ name: 'first' }], certificates: [] });
  const [first] = hub.authorities;
  if (first === undefined) throw new Error('one authority');
  const { conduct, ledger } = first;
  // After finalize, a minute later, and ten minutes after that; a question that is cut off is asked once more at once.
  conduct.trouble.set('order', { kind: 'dead', times: 6 });
  await hub.issue('a.example');
  await hub.pass(14 * minute, minute);
  expect(await hub.versions('a.example')).toHaveLength(1);
  expect(ledger.orders).toHaveLength(2);
}, 60_000);

test('an order is not given up for an authority that answers nothing', async () => {
  await using hub = await openSimulator({ authorities: [{ name: 'first' }], certificates: [] });
  const [first] = hub.authorities;
  if (first === undefined) throw new Error('one authority');
  const { conduct, ledger } = first;
  conduct.trouble.set('order', {
    kind: 'dead',
    met: () => conduct.trouble.set('all', { kind: 'dead' }),
  });
  await hub.issue('a.example');
  await hub.pass(10 * hour, 10 * minute);
  conduct.trouble.clear();
  await hub.pass(30 * hour, 10 * minute);
  expect(await hub.versions('a.example')).toHaveLength(1);
  expect(ledger.orders).toHaveLength(1);
}, 60_000);

test('with a second authority the first has a second time, and then the other is asked', async () => {
  await using hub = await openSimulator({
    authorities: [{ name: 'first' }, { name: 'second' }],
    certificates: [],
  });
  const [first, second] = hub.authorities;
  if (first === undefined || second === undefined) throw new Error('two authorities');
  first.conduct.slowFinalize = Infinity;
  await hub.issue('a.example');
  await hub.pass(4 * minute, minute);
  expect(second.ledger.orders).toHaveLength(0);
  await hub.pass(10 * minute, minute);
  expect((await hub.versions('a.example')).map(({ authority }) => authority)).toEqual(['second']);
  expect(first.ledger.orders).toHaveLength(1);
}, 60_000);
