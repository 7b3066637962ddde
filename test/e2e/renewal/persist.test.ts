import { certificateName } from '@sixhub/protocol';
import { describe, expect, test } from 'vitest';
import { day, hour, openSimulator, type Simulator } from './simulator.js';

const minute = 60_000;
const owner = '_validation-persist.a.example';

async function open(draft: 1 | 2): Promise<Simulator> {
  return openSimulator({
    authorities: [{ name: 'first', dnsPersist: { issuers: ['first.test', 'alias.test'], draft } }],
    certificates: [],
    dnsPersist: true,
  });
}

/** What the newest issuance told, by kind. */
async function told({ store }: Simulator, kind: string) {
  const issuance = await store.issuances.newestOf(certificateName.parse('a.example'));
  const steps = issuance === undefined ? [] : await store.issuances.steps(issuance.id, 0);
  return steps.flatMap(({ step }) => (step.kind === kind ? [step] : []));
}

/** The value that the issuance asks for. */
async function wantedValue(hub: Simulator): Promise<string> {
  const steps = await told(hub, 'persist-wanted');
  const values = steps.flatMap((step) =>
    step.kind === 'persist-wanted' ? step.records.map(({ value }) => value) : [],
  );
  const last = values.at(-1);
  if (last === undefined) throw new Error('no record was asked for');
  return last;
}

function answered({ authorities }: Simulator): readonly (string | undefined)[] {
  return authorities[0]?.ledger.authorizations.map((one) => one.answered) ?? [];
}

describe.each([1, 2] as const)('dns-persist-01, version 0%i of the draft', (draft) => {
  test('without its record: by the CNAME, and the record that would do is told; with it: nothing is published', async () => {
    await using hub = await open(draft);
    await hub.issue('a.example');
    expect(await hub.versions('a.example')).toHaveLength(1);
    expect(answered(hub)).toEqual(['dns-01', 'dns-01']);
    const value = await wantedValue(hub);
    expect(value).toMatch(/^first\.test; accounturi=https:\S+; policy=wildcard$/);
    expect(value.includes('/account-hash/sha-256/')).toBe(draft === 2);

    hub.records.set(owner, ['v=unrelated', value]);
    hub.movedAway.add('a.example');
    await hub.pass(70 * day, hour);
    expect((await hub.versions('a.example')).length, 'renewed without a CNAME').toBe(2);
    expect(answered(hub).slice(2)).toEqual(['dns-persist-01', 'dns-persist-01']);
    expect(await told(hub, 'persist-found')).toHaveLength(1);
    expect(await told(hub, 'published')).toHaveLength(0);
  });

  test('neither record nor CNAME: both are asked for, with one order; whichever comes is taken', async () => {
    await using hub = await open(draft);
    hub.movedAway.add('a.example');
    await hub.issue('a.example');
    expect(await told(hub, 'delegation-wanted')).toHaveLength(1);
    const value = await wantedValue(hub);
    hub.records.set(owner, [value]);
    await hub.pass(5 * minute, minute);
    expect(await hub.versions('a.example')).toHaveLength(1);
    expect(hub.authorities[0]?.ledger.orders).toHaveLength(1);
    expect(answered(hub)).toEqual(['dns-persist-01', 'dns-persist-01']);
  });
});

test('a key that was changed leaves the record good, which names the account by a hash of the old one', async () => {
  await using hub = await open(2);
  await hub.issue('a.example');
  const value = await wantedValue(hub);
  hub.records.set(owner, [value]);
  hub.movedAway.add('a.example');
  await hub.accounts.get('first')?.rollover(AbortSignal.timeout(10_000));
  await hub.issue('a.example');
  expect(await hub.versions('a.example')).toHaveLength(2);
  expect(answered(hub).slice(2)).toEqual(['dns-persist-01', 'dns-persist-01']);
});

test.each([
  ['of another account', (value: string) => value.replace(/accounturi=[^;]+/, 'accounturi=x')],
  ['without policy=wildcard', (value: string) => value.replace('; policy=wildcard', '')],
  ['over', (value: string) => `${value}; persistUntil=1500000000`],
  ['of another authority', (value: string) => value.replace('first.test', 'other.test')],
])('a record %s: told, and the CNAME is taken with the same order', async (_what, spoil) => {
  await using hub = await open(1);
  hub.movedAway.add('a.example');
  await hub.issue('a.example');
  hub.records.set(owner, [spoil(await wantedValue(hub))]);
  await hub.pass(5 * minute, minute);
  expect(await hub.versions('a.example')).toHaveLength(0);
  expect((await told(hub, 'persist-wanted')).length, 'told again with what is there').toBe(2);
  hub.movedAway.clear();
  await hub.pass(5 * minute, minute);
  expect(await hub.versions('a.example')).toHaveLength(1);
  expect(answered(hub)).toEqual(['dns-01', 'dns-01']);
  expect(hub.authorities[0]?.ledger.orders).toHaveLength(1);
});

test('a record that the authority sees otherwise is not answered with twice', async () => {
  await using hub = await open(1);
  await hub.issue('a.example');
  const value = await wantedValue(hub);
  // Its resolvers are behind: they see what was there before.
  hub.records.set(owner, [value]);
  hub.hidden.add(owner);
  await hub.issue('a.example');
  expect(await hub.versions('a.example')).toHaveLength(1);
  await hub.pass(hour, minute);
  expect(await hub.versions('a.example')).toHaveLength(2);
  expect(answered(hub).slice(2)).toEqual(['dns-persist-01', 'dns-persist-01', 'dns-01', 'dns-01']);
});

test('the first authority is dead: the record of the second is learned from it, with an order of its own', async () => {
  const dnsPersist = { draft: 1 as const };
  await using hub = await openSimulator({
    authorities: [
      { name: 'first', dnsPersist: { ...dnsPersist, issuers: ['first.test'] } },
      { name: 'second', dnsPersist: { ...dnsPersist, issuers: ['second.test'] } },
    ],
    certificates: [],
    dnsPersist: true,
  });
  const [first, second] = hub.authorities;
  first?.conduct.trouble.set('all', { kind: 'dead' });
  hub.movedAway.add('a.example');
  await hub.issue('a.example');
  await hub.pass(minute / 2, minute);
  const value = await wantedValue(hub);
  expect(value).toMatch(/^second\.test; /);
  hub.records.set(owner, [value]);
  await hub.pass(minute / 2, minute);
  const [version] = await hub.versions('a.example');
  expect(version?.authority).toBe('second');
  expect(second?.ledger.orders).toHaveLength(1);
  // Back again, and its record is another: asked for, while the CNAME is not there.
  first?.conduct.trouble.clear();
  await hub.pass(65 * day, hour);
  expect((await told(hub, 'persist-wanted')).length).toBeGreaterThan(0);
});

test('switched off, nothing is asked and nothing told', async () => {
  await using hub = await openSimulator({
    authorities: [{ name: 'first', dnsPersist: { issuers: ['first.test'], draft: 1 } }],
    certificates: ['a.example'],
  });
  expect(await hub.versions('a.example')).toHaveLength(1);
  expect(await told(hub, 'persist-wanted')).toHaveLength(0);
  expect(await hub.store.persistOffers.find(hub.authorities[0]?.directory ?? '')).toBeUndefined();
});
