import { certificateName } from '@sixhub/protocol';
import { expect, test } from 'vitest';
import { stages, type Stage } from '../../authority/conduct.js';
import { day, hour, openSimulator, type Simulator } from './simulator.js';

const name = 'a.example';
/** Less than the hub waits before it tries again. */
const seconds = 20_000;

/** Every request of an issuance; the others belong to other procedures. */
const ofIssuance = stages.filter(
  (stage) => !['renewal-info', 'revoke', 'key-change'].includes(stage),
);

/** The authority breaks the connection before it acts, or after it did and before it says so. */
const deaths = ofIssuance.flatMap((stage) =>
  [false, true].map((acted) => ({ stage, acted, moment: acted ? 'after' : 'before' })),
);

async function openHub(): Promise<Simulator> {
  return openSimulator({
    // As Boulder: who asks again for what is open is given the same order.
    authorities: [
      { name: 'first', reuse: { validMs: 7 * hour, pending: true }, renewalInfoRetryMs: day },
    ],
    certificates: [],
  });
}

/** What the hub told of its newest issuance. */
async function told({ store }: Simulator): Promise<readonly string[]> {
  const issuance = await store.issuances.newestOf(certificateName.parse(name));
  return (await store.issuances.steps(issuance?.id ?? '', 0)).map(({ step }) => step.kind);
}

function die({ authorities }: Simulator, stage: Stage, acted: boolean): void {
  // Finalized at once, an order would not be looked at again.
  for (const { conduct } of authorities) {
    conduct.slowFinalize = 1;
    conduct.trouble.set(stage, { kind: 'dead', acted, times: 1 });
  }
}

test.each(deaths)(
  'the authority dies at $stage, $moment it acted: one order, one certificate, one version',
  async ({ stage, acted }) => {
    await using hub = await openHub();
    const [authority] = hub.authorities;
    die(hub, stage, acted);
    await hub.issue(name);
    expect(await hub.versions(name), 'the death was met').toHaveLength(0);
    await hub.pass(hour, hour / 2);
    expect(await hub.versions(name)).toHaveLength(1);
    expect(authority?.ledger.accounts).toHaveLength(1);
    expect(authority?.ledger.orders).toHaveLength(1);
    expect(authority?.ledger.certificates.size).toBe(1);
    expect(await told(hub)).toContain('problem');
  },
);

test.each(deaths)(
  'the authority dies at $stage, $moment it acted, and the hub is started anew: a renewal is made once',
  async ({ stage, acted }) => {
    await using hub = await openHub();
    const [authority] = hub.authorities;
    await hub.issue(name);
    expect(await hub.versions(name)).toHaveLength(1);
    await hub.pass(hour, hour);
    const planned = await hub.store.renewals.find(certificateName.parse(name));
    const due = (planned?.renewAt.getTime() ?? 0) - hub.time.now().getTime();
    await hub.pass(due - seconds, day);
    // Its account is known by then, and is not asked for.
    const met = stage === 'account' ? 'new-order' : stage;
    die(hub, met, acted);
    for (let turn = 0; authority?.conduct.trouble.has(met) === true && turn < 10; turn++) {
      await hub.pass(seconds, seconds);
    }
    expect(authority?.conduct.trouble.size, 'the death was met').toBe(0);
    expect(await hub.versions(name)).toHaveLength(1);
    await hub.restart();
    await hub.pass(2 * hour, hour);
    expect(await hub.versions(name)).toHaveLength(2);
    expect(authority?.ledger.accounts).toHaveLength(1);
    expect(authority?.ledger.orders).toHaveLength(2);
    expect(authority?.ledger.replacements).toBe(1);
    expect(authority?.ledger.certificates.size).toBe(2);
    expect(authority?.conduct.violations).toEqual([]);
  },
);
