import { certificateName } from '@sixhub/protocol';
import { expect, test } from 'vitest';
import type { Rollout } from '../domain/rollout.js';
import type { ManifestChange } from '../store/manifest-changes.js';
import { ManifestReadings, type ReadFrom } from './manifest-readings.js';

const web = certificateName.parse('web.example');
const mail = certificateName.parse('mail.example');
const now = new Date('2026-11-23T12:00:00Z');

const underWay: Rollout = {
  ...{ certificate: web, version: 'new', base: 'old', state: 'running', because: '' },
  plan: { batch: '1', first: [], patienceS: 900 },
  ...{ place: undefined, batch: 1, startedAt: now, changedAt: now },
};

function ground() {
  const asked: string[] = [];
  let rows: ManifestChange[] = [];
  let failing = false;
  const answer = (what: string) => (name: string) => {
    asked.push(`${what} ${name}`);
    return failing ? Promise.reject(new Error('busy')) : Promise.resolve(undefined);
  };
  let rollsOut = false;
  const store: ReadFrom = {
    certificates: {
      ...{ find: answer('find'), newest: answer('newest') },
      revokedFingerprints: (name) => answer('revoked')(name).then(() => []),
    },
    issuances: { unfinishedOf: answer('unfinished') },
    manifestChanges: {
      last: () => Promise.resolve(rows.at(-1)?.seq ?? 0),
      after: (seq, limit) => Promise.resolve(rows.filter((row) => row.seq > seq).slice(0, limit)),
    },
    rollouts: { of: () => Promise.resolve(rollsOut ? underWay : undefined) },
    wantedVersions: { of: (agent, name) => answer(`for ${agent}`)(name) },
  };
  return {
    asked,
    readings: new ManifestReadings(store),
    write: (seq: number, certificate: string | null) =>
      void rows.push({ seq, certificate, agentId: null }),
    takeBack: () => void (rows = rows.slice(0, -1)),
    fail: (value: boolean) => (failing = value),
    rollOut: () => (rollsOut = true),
  };
}

test('is read once, and again after a change of that certificate alone', async () => {
  const { asked, readings, write } = ground();
  for (let turn = 0; turn < 3; turn++) {
    await readings.refresh(now);
    await Promise.all([readings.wanted('a', web), readings.find(web), readings.wanted('a', mail)]);
  }
  const newest = (name: string): string[] => [`unfinished ${name}`, `newest ${name}`];
  const first = [...newest('web.example'), 'find web.example', ...newest('mail.example')];
  expect(asked.toSorted()).toEqual(first.toSorted());
  write(1, 'web.example');
  write(2, null);
  await readings.refresh(now);
  await Promise.all([readings.wanted('a', web), readings.wanted('a', mail)]);
  expect(asked.slice(first.length)).toEqual(newest('web.example'));
});

test('all is read anew where changes are not told any more, were taken back, or a minute has passed', async () => {
  const { asked, readings, write, takeBack } = ground();
  const look = async (at = now): Promise<number> => {
    await readings.refresh(at);
    await readings.wanted('a', mail);
    return asked.filter((word) => word.startsWith('newest')).length;
  };
  expect(await look()).toBe(1);
  write(500, 'web.example');
  expect(await look()).toBe(2);
  expect(await look()).toBe(2);
  takeBack();
  expect(await look()).toBe(3);
  expect(await look(new Date(now.getTime() + 61_000))).toBe(4);
  expect(await look(new Date(now.getTime() - 86_400_000))).toBe(5); // a clock that was put back
});

test('what could not be read is asked for again', async () => {
  const { asked, readings, fail } = ground();
  await readings.refresh(now);
  fail(true);
  await expect(readings.wanted('a', web)).rejects.toThrow('busy');
  fail(false);
  await readings.wanted('a', web);
  expect(asked).toEqual(['unfinished web.example', 'unfinished web.example', 'newest web.example']);
});

test('while it is rolled out each agent is asked for by itself, each time', async () => {
  const { asked, readings, rollOut } = ground();
  rollOut();
  await readings.refresh(now);
  for (const agent of ['a', 'b', 'a']) await readings.wanted(agent, web);
  expect(asked.slice(2)).toEqual(['for a web.example', 'for b web.example', 'for a web.example']);
});
