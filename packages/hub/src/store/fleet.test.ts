import { agentName, certificateName, type ServiceState } from '@sixhub/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { byNeed, standingOfWant, standingsOf } from '../domain/standing.js';
import { agentStore } from './agents.js';
import { openDatabase, type Database } from './database.js';
import { fleetStore } from './fleet.js';
import { overviewStore } from './overview.js';

const now = new Date('2026-11-23T12:00:00Z');
const ago = (hours: number): string => new Date(now.getTime() - hours * 3_600_000).toISOString();
const all = { limit: 1_000 };
const certificates = ['a.example', 'b.example', 'c.example'];

/** The same numbers at each run (Park and Miller). */
function dice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => (state = (state * 48_271) % 2_147_483_647) % sides;
}

/** Agents in every state that there is, by chance: of each certificate the version before is kept by those who wait. */
async function fill(db: Database, count: number): Promise<void> {
  const roll = dice(7);
  const pick = <T>(...values: readonly [T, ...T[]]): T => values[roll(values.length)] ?? values[0];
  for (const name of certificates) {
    await db
      .insertInto('certificates')
      .values({ name, names: '[]', key_kind: 'p256', reuse_key: 0, created_at: ago(999) })
      .execute();
    for (const [id, hours] of name === 'c.example'
      ? []
      : ([
          ['old', 900],
          ['new', pick(0.5, 20)],
        ] as const)) {
      await db
        .insertInto('versions')
        .values({
          ...{ id: `${id} ${name}`, certificate: name, fingerprint: '', serial: '', issuer: '' },
          ...{ authority: '', not_before: ago(hours), not_after: ago(-999), leaf: '', chain: '' },
          ...{ issued_at: ago(hours), sealed_key: new Uint8Array(), public_key: '' },
          ...{ revoked_at: null, revoked_reason: null },
        })
        .execute();
    }
  }
  await db
    .insertInto('rollouts')
    .values({
      ...{ version: 'new b.example', certificate: 'b.example', base: 'old b.example', batch: 1 },
      ...{ plan: '{"batch":"1","first":[],"patienceS":60}', state: 'running', because: '' },
      ...{ place: null, started_at: ago(1), changed_at: ago(1) },
    })
    .execute();
  for (let at = 0; at < count; at++) {
    const id = String(at);
    const status = pick('active', 'active', 'active', 'active', 'invited');
    await db
      .insertInto('agents')
      .values({
        ...{ id, name: `m${id}`, status, created_at: ago(999), last_seen_at: ago(0.1) },
        ...{
          silent: status === 'active' ? pick(0, 0, 0, 1) : 0,
          status_at: pick(ago(0.2), ago(50), null),
        },
        ...pick(
          { program: '0.1.0', program_rank: 200_001, node: '18.19.1' },
          { program: '0.0.9', program_rank: 19, node: null },
          { program: null, program_rank: null, node: null },
        ),
      })
      .execute();
    for (const certificate of certificates.filter(() => roll(3) > 0)) {
      await db
        .insertInto('grants')
        .values({ agent_id: id, certificate, granted_at: pick(ago(0.3), ago(40), null) })
        .execute();
      if (certificate === 'b.example' && roll(2) === 0) {
        await db
          .insertInto('rollout_agents')
          .values({
            version: 'new b.example',
            agent_id: id,
            keeps: null,
            batch: 1,
            given_at: pick(ago(0.1), ago(9)),
          })
          .execute();
      }
      if (roll(5) === 0) continue;
      const services = ['apache', 'postfix']
        .filter(() => roll(3) > 0)
        .map((service) => ({
          ...{ service, detail: '', since: ago(30), at: pick(ago(1), ago(1), ago(1), ago(27)) },
          state: pick<ServiceState>(
            ...(['serving', 'serving', 'serving', 'serving', 'serving'] as const),
            ...(['rolled-back', 'not-serving', 'broken-before'] as const),
          ),
        }));
      await db
        .insertInto('deployments')
        .values({
          ...{ agent_id: id, certificate, version: `${pick('new', 'new', 'old')} ${certificate}` },
          ...{ installed: pick(1, 1, 1, 0), detail: '', services: JSON.stringify(services) },
          reported_at: ago(1),
        })
        .execute();
    }
    if (roll(8) === 0) {
      await db
        .insertInto('wants')
        .values({ agent_id: id, service: 'apache', certificate: pick('a.example', 'd.example') })
        .execute();
    }
  }
}

let db: Database;
beforeAll(async () => {
  db = await openDatabase(':memory:');
  await fill(db, 400);
});
afterAll(() => db.destroy());

test('who needs a person is the same by the database and by the rules, agent by agent', async () => {
  const overview = overviewStore(db);
  const agents = await fleetStore(db).page({}, all, now);
  expect(agents).toHaveLength(400);
  const differing = [];
  const counted = { yes: 0, no: 0 };
  for (const { name, needsPerson } of agents) {
    const { holdings, wants } = await overview.ofAgent(name);
    const standings = byNeed([
      ...holdings.flatMap((holding) => standingsOf(holding, now)),
      ...wants.map(standingOfWant),
    ]);
    const byRule = standings.some(({ needs }) => needs === 'person');
    counted[byRule ? 'yes' : 'no']++;
    if (byRule !== needsPerson) differing.push({ name, needsPerson, standings });
  }
  expect(differing).toEqual([]);
  expect(counted.yes).toBeGreaterThan(50);
  expect(counted.no).toBeGreaterThan(50);
});

describe('filters', () => {
  const names = async (filter: Parameters<ReturnType<typeof fleetStore>['page']>[0]) =>
    (await fleetStore(db).page(filter, all, now)).map(({ name }) => name);

  test('and what they leave out are all there are', async () => {
    for (const filter of ['behind', 'silent', 'needsPerson'] as const) {
      const some = await names({ [filter]: true });
      const others = await names({ [filter]: false });
      expect(some.length, filter).toBeGreaterThan(10);
      expect([...some, ...others].toSorted()).toEqual((await names({})).toSorted());
    }
  });

  test('are of the program, its age, a grant, and the name', async () => {
    const agents = await fleetStore(db).page({}, all, now);
    const those = (keep: (agent: (typeof agents)[number]) => boolean) =>
      agents.filter(keep).map(({ name }) => name);
    expect(await names({ version: '0.1.0' })).toEqual(
      those(({ program }) => program?.version === '0.1.0'),
    );
    expect(await names({ olderThan: '0.1.0' })).toEqual(
      those(({ program, status }) => status === 'active' && program?.version !== '0.1.0'),
    );
    const certificate = certificateName.parse('a.example');
    expect(await names({ certificate, status: 'invited' })).toEqual(
      those(({ grants, status }) => status === 'invited' && grants.includes(certificate)),
    );
    expect(await names({ name: 'm1?' })).toEqual(those(({ name }) => /^m1.$/.test(name)));
    expect(await names({ name: 'm1*' })).toEqual(those(({ name }) => name.startsWith('m1')));
    expect(await names({ name: 'm%' })).toEqual([]);
  });

  test('hold on every page, and are counted as they are listed', async () => {
    const store = fleetStore(db);
    const found: string[] = [];
    for (let after: string | undefined; ; after = found.at(-1)) {
      const page = await store.page({ behind: true }, { after, limit: 7 }, now);
      found.push(...page.map(({ name }) => name));
      if (page.length < 7) break;
    }
    expect(found).toEqual(await names({ behind: true }));
    const whole = await store.summary({}, now);
    expect(whole.behind).toBe(found.length);
    expect(whole.agents).toBe(400);
    expect(whole.well + whole.behind + whole.silent + whole.invited).toBe(400);
    expect(whole.versions.map(({ version }) => version)).toEqual(['0.1.0', '0.0.9', null]);
    expect(whole.versions.reduce((sum, { agents }) => sum + agents, 0)).toBe(400 - whole.invited);
    expect((await store.summary({ behind: true }, now)).agents).toBe(found.length);
  });
});

test('a program is written down as it was told', async () => {
  const store = agentStore(db, { written: () => undefined });
  await store.saveProgram('5', { version: '0.2.0~rc1', node: '20.1.0' });
  const found = await store.find(agentName.parse('m5'));
  expect(found?.program).toEqual({ version: '0.2.0~rc1', node: '20.1.0' });
});
