import { agentName } from '@sixhub/protocol';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Agent } from '../domain/agent.js';
import { Attendance } from './attendance.js';

const start = new Date('2026-11-23T12:00:00Z');
const clock = { now: () => new Date(), sleep: () => Promise.reject(new Error('nobody sleeps')) };

function agent(id: string, change: Partial<Agent> = {}): Agent {
  return {
    ...{ id, name: agentName.parse(id), status: 'active', silent: false, grants: [] },
    ...{ program: undefined, pushed: false },
    ...{ createdAt: start, statusAt: start, lastSeenAt: start },
    ...change,
  };
}

function recorder() {
  const written: string[] = [];
  const warned: string[] = [];
  let full = false;
  const store = {
    seen: (id: string, at: Date): Promise<void> => {
      if (full) return Promise.reject(new Error('the disk is full'));
      written.push(`${id} ${at.toISOString().slice(17, 23)}`);
      return Promise.resolve();
    },
  };
  const log = {
    ...{ info: () => undefined, error: () => undefined },
    warn: (fields: object) => void warned.push(JSON.stringify(fields)),
  };
  return {
    written,
    warned,
    attendance: new Attendance(store, clock, log),
    fill: () => (full = true),
  };
}

beforeEach(() => void vi.useFakeTimers({ now: start }));
afterEach(() => void vi.useRealTimers());

test('those of one second are written together, each as it was there last', async () => {
  const { attendance, written } = recorder();
  await attendance.note(agent('web'));
  await vi.advanceTimersByTimeAsync(500);
  await attendance.note(agent('mail'));
  await attendance.note(agent('web'));
  expect(written).toEqual([]);
  await vi.advanceTimersByTimeAsync(500);
  expect(written).toEqual(['web 00.500', 'mail 00.500']);
  expect(vi.getTimerCount()).toBe(0);
});

test('one that was silent or never there is written at once, and what is left at the end', async () => {
  const { attendance, written } = recorder();
  await attendance.note(agent('old', { silent: true }));
  await attendance.note(agent('new', { lastSeenAt: undefined }));
  expect(written).toEqual(['old 00.000', 'new 00.000']);
  await attendance.note(agent('web'));
  await attendance[Symbol.asyncDispose]();
  expect(written.at(-1)).toBe('web 00.000');
  expect(vi.getTimerCount()).toBe(0);
});

test('a full disk is told and throws at nobody', async () => {
  const { attendance, warned, fill } = recorder();
  fill();
  await attendance.note(agent('new', { lastSeenAt: undefined }));
  expect(warned).toEqual(['{"agents":1,"error":"the disk is full"}']);
});
