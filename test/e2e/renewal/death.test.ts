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

/**
 * The authority breaks the connection before it acts, or after it did and before it says so, whenever it is asked for
 * this, until the hub has told that it failed.
 */
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

function die({ authorities }: Simulator, stage: Stage, acted: boolean): void {
  for (const { conduct } of authorities) {
    // Finalized at once, an order would not be looked at again.
    conduct.slowFinalize = 1;
    conduct.trouble.set(stage, { kind: 'dead', acted });
  }
}

function live({ authorities }: Simulator): void {
  for (const { conduct } of authorities) conduct.trouble.clear();
}

function hasFailed({ warnings }: Simulator): boolean {
  return warnings.some((line) => line.includes('"kind":"problem"'));
}

/** The renewal's instant, but for some seconds. */
async function passUntilDue(hub: Simulator): Promise<void> {
  await hub.pass(hour, hour);
  const planned = await hub.store.renewals.find(certificateName.parse(name));
  const due = (planned?.renewAt.getTime() ?? 0) - hub.time.now().getTime();
  await hub.pass(due - seconds, day);
}

test.each(deaths)(
  'the authority dies at $stage, $moment it acted: one order, one certificate, one version',
  async ({ stage, acted }) => {
    await using hub = await openHub();
    const [authority] = hub.authorities;
    die(hub, stage, acted);
    await hub.issue(name);
    await hub.pass(seconds, seconds);
    expect(hasFailed(hub), 'the death was met').toBe(true);
    expect(await hub.versions(name)).toHaveLength(0);
    live(hub);
    await hub.pass(hour, hour / 2);
    expect(await hub.versions(name)).toHaveLength(1);
    expect(authority?.ledger.accounts).toHaveLength(1);
    expect(authority?.ledger.orders).toHaveLength(1);
    expect(authority?.ledger.certificates.size).toBe(1);
  },
);

// Its account is known by then, and is not asked for.
test.each(deaths.filter(({ stage }) => stage !== 'account'))(
  'the authority dies at $stage, $moment it acted, and the hub is started anew: a renewal is made once',
  async ({ stage, acted }) => {
    await using hub = await openHub();
    const [authority] = hub.authorities;
    await hub.issue(name);
    expect(await hub.versions(name)).toHaveLength(1);
    await passUntilDue(hub);
    // With nothing in memory of directory and nonces.
    await hub.restart();
    die(hub, stage, acted);
    for (let turn = 0; !hasFailed(hub) && turn < 10; turn++) await hub.pass(seconds, seconds);
    expect(hasFailed(hub), 'the death was met').toBe(true);
    expect(await hub.versions(name)).toHaveLength(1);
    live(hub);
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

test.each(ofIssuance)(
  'an answer that is lost once at %s: the issuance goes on within the hour, with one certificate',
  async (stage) => {
    await using hub = await openHub();
    const [authority] = hub.authorities;
    authority?.conduct.trouble.set(stage, { kind: 'dead', acted: true, times: 1 });
    await hub.issue(name);
    await hub.pass(hour, hour / 2);
    expect(authority?.conduct.trouble.size, 'it was lost').toBe(0);
    // What may have been done is not asked for again at once, and is no fault of anybody: one try is late.
    expect(hub.warnings.join('\n')).not.toContain('do not understand each other');
    const late = hub.warnings.filter((line) =>
      line.includes('may have done what it was asked for'),
    );
    expect(late.length).toBeLessThanOrEqual(1);
    if (stage === 'finalize') expect(hub.warnings).toEqual(late);
    expect(await hub.versions(name)).toHaveLength(1);
    expect(authority?.ledger.orders).toHaveLength(1);
    expect(authority?.ledger.certificates.size).toBe(1);
  },
);
