import { certificateName } from '@sixhub/protocol';
import { expect, test } from 'vitest';
import type { ManifestChange, ManifestChanges } from '../store/manifest-changes.js';
import { ManifestReadings, type ManifestSource } from './manifest-readings.js';

const web = certificateName.parse('web.example');
const mail = certificateName.parse('mail.example');
const now = new Date('2026-11-23T12:00:00Z');

function ground() {
  const asked: string[] = [];
  let rows: ManifestChange[] = [];
  let failing = false;
  const changes: ManifestChanges = {
    last: () => Promise.resolve(rows.at(-1)?.seq ?? 0),
    after: (seq, limit) => Promise.resolve(rows.filter((row) => row.seq > seq).slice(0, limit)),
    follow: () => ({ [Symbol.dispose]: () => undefined }),
  };
  const answer = (what: string) => (name: string) => {
    asked.push(`${what} ${name}`);
    return failing ? Promise.reject(new Error('busy')) : Promise.resolve(undefined);
  };
  const source: ManifestSource = {
    ...{ find: answer('find'), newest: answer('newest') },
    revokedFingerprints: (name) => answer('revoked')(name).then(() => []),
  };
  return {
    asked,
    readings: new ManifestReadings(source, changes),
    write: (seq: number, certificate: string | null) =>
      void rows.push({ seq, certificate, agentId: null }),
    takeBack: () => void (rows = rows.slice(0, -1)),
    fail: (value: boolean) => (failing = value),
  };
}

test('is read once, and again after a change of that certificate alone', async () => {
  const { asked, readings, write } = ground();
  for (let turn = 0; turn < 3; turn++) {
    await readings.refresh(now);
    await Promise.all([readings.newest(web), readings.find(web), readings.newest(mail)]);
  }
  expect(asked).toEqual(['newest web.example', 'find web.example', 'newest mail.example']);
  write(1, 'web.example');
  write(2, null);
  await readings.refresh(now);
  await Promise.all([readings.newest(web), readings.newest(mail)]);
  expect(asked.slice(3)).toEqual(['newest web.example']);
});

test('all is read anew where changes are not told any more, were taken back, or a minute has passed', async () => {
  const { asked, readings, write, takeBack } = ground();
  const look = async (at = now): Promise<number> => {
    await readings.refresh(at);
    await readings.newest(mail);
    return asked.length;
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
  await expect(readings.newest(web)).rejects.toThrow('busy');
  fail(false);
  await readings.newest(web);
  expect(asked).toHaveLength(2);
});
