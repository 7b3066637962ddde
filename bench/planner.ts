import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { systemClock } from '@sixhub/base';
import {
  Authorities,
  createAuthority,
  createVault,
  IssuanceRunner,
  openStore,
  planRenewals,
  planVersion,
  RenewalScheduler,
  type Log,
} from '@sixhub/hub';
import { certificateName } from '@sixhub/protocol';
import { openLab, runTool, type Lab } from '@sixhub/test/lab';
import { spread } from './median.js';

const day = 86_400_000;

/**
 * What a tick costs at which nothing is due, with few certificates and with many (a scan would show as their ratio);
 * and the planner's own decision about as many that are all due at once.
 */
export async function benchPlanner(
  count: number,
  turns: number,
  print: (line: string) => void,
): Promise<void> {
  await using lab = await openLab();
  print(`planner: ${turns} turns`);
  for (const many of [1_000, count]) {
    const { first, later } = await idleTicks(lab, many, turns);
    print(
      `  nothing due, ${many} certificates: a tick ${spread(later, { digits: 2, unit: ' ms' })}; ` +
        `the first after the start ${first.toFixed(1)} ms; under 200 wanted`,
    );
  }
  print(`  ${count} due at once: ${spread(decisions(count, turns), { unit: ' ms' })} for all`);
}

async function idleTicks(
  lab: Lab,
  count: number,
  turns: number,
): Promise<{ readonly first: number; readonly later: readonly number[] }> {
  const database = join(await lab.makeDirectory('planner'), 'hub.db');
  await using store = await openStore(database, createVault(randomBytes(32)), systemClock, silent);
  await fill(database, count);
  const authorities = new Authorities([nobody(store)], store, systemClock);
  await using runner = new IssuanceRunner({
    ...{ store, authorities, clock: systemClock, log: silent, random: Math.random },
    challengeServer: { createAccount: never, publish: never, withdraw: never },
    lookup: { look: never },
    caa: { look: never },
  });
  const scheduler = new RenewalScheduler({
    ...{ store, runner, authorities, clock: systemClock, log: silent, random: Math.random },
  });
  const times: number[] = [];
  for (let turn = 0; turn <= turns; turn++) {
    const start = performance.now();
    await scheduler.tick();
    times.push(performance.now() - start);
  }
  const [first = Number.NaN, ...later] = times;
  return { first, later };
}

/** Certificates that are to be looked at in the coming weeks. */
async function fill(database: string, count: number): Promise<void> {
  const numbers = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})`;
  const at = `strftime('%Y-%m-%dT%H:%M:%fZ', 'now'`;
  await runTool('sqlite3', [
    database,
    `BEGIN;
    INSERT INTO certificates (name, names, key_kind, created_at)
      ${numbers} SELECT 'c' || i || '.example', '["c' || i || '.example"]', 'p256', ${at}, '-1 day') FROM n;
    INSERT INTO renewals (certificate, look_at, planned_at)
      ${numbers} SELECT 'c' || i || '.example', ${at}, '+' || (1 + i % 50) || ' days'), ${at}, '-1 day') FROM n;
    COMMIT;`,
  ]);
}

function decisions(count: number, turns: number): readonly number[] {
  const now = new Date();
  const notBefore = new Date(now.getTime() - 80 * day);
  const candidates = Array.from({ length: count }, (_, at) => {
    const version = {
      id: `v${at}`,
      certificate: certificateName.parse(`c${at}.example`),
      ...{ fingerprint: '', serial: '', issuer: '', authority: 'nobody', leaf: '', chain: '' },
      ...{ notBefore, issuedAt: notBefore, notAfter: new Date(notBefore.getTime() + 90 * day) },
      keyOn: undefined,
      revoked: undefined,
    };
    const renewal = planVersion(version, [version], notBefore, Math.random);
    return { renewal: { ...renewal, askAt: undefined }, issuing: false, fitsAt: now };
  });
  return Array.from({ length: turns }, () => {
    const start = performance.now();
    const { renew } = planRenewals(candidates, now);
    if (renew.length !== count) throw new Error(`${renew.length} of ${count} were found due`);
    return performance.now() - start;
  });
}

function nobody(store: Parameters<typeof createAuthority>[1]) {
  const directory = 'https://nobody.invalid/directory';
  return createAuthority({ name: 'nobody', directory, contact: [] }, store, systemClock);
}

const silent: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

function never(): Promise<never> {
  return Promise.reject(new Error('nothing is due, and yet something was done'));
}
