import { agentName, certificateName } from '@sixhub/protocol';
import { describe, expect, test } from 'vitest';
import { standingAlerts } from './standing-alerts.js';
import { batchOf, endsSoon, nextStep, rolloutNeed, type RolloutProgress } from './rollout.js';

const now = new Date('2026-11-23T12:00:00Z');
const ago = (minutes: number): Date => new Date(now.getTime() - minutes * 60_000);
const web = agentName.parse('web');
const plan = { batch: '2', first: [], patienceS: 1_800 };

function step(change: Partial<RolloutProgress>, awakeSince = ago(600)) {
  const idle = { agents: 10, firstLeft: 0, left: 8, given: 2, open: 0, failed: undefined };
  return nextStep({ plan }, { ...idle, unheard: undefined, ...change }, { now, awakeSince });
}

describe('the next step', () => {
  test('is the next batch when all that have it have proven it, and the end when none is left', () => {
    expect(step({})).toEqual({ kind: 'give', to: 'next', count: 2 });
    expect(step({ firstLeft: 1 })).toEqual({ kind: 'give', to: 'first', count: 1 });
    expect(step({ open: 1 })).toEqual({ kind: 'wait' });
    expect(step({ left: 0 })).toEqual({ kind: 'done' });
    // None that has it, and all of them away: nothing is proven. Without any agent there is nobody to ask.
    expect(step({ left: 0, given: 0 })).toEqual({ kind: 'wait' });
    expect(step({ agents: 0, left: 0, given: 0 })).toEqual({ kind: 'done' });
  });

  test('is a stop at the first failure, whatever else is under way', () => {
    const failed = { agent: web, says: 'apache: refused' };
    expect(step({ open: 2, failed })).toEqual({ kind: 'stop', because: 'failed', place: failed });
  });

  test('is a stop where there was no word in time; a hub that was away has heard none', () => {
    const unheard = { agent: web, givenAt: ago(31) };
    expect(step({ open: 1, unheard })).toMatchObject({ kind: 'stop', because: 'no-word' });
    expect(step({ open: 1, unheard: { agent: web, givenAt: ago(29) } })).toEqual({ kind: 'wait' });
    expect(step({ open: 1, unheard }, ago(5))).toEqual({ kind: 'wait' });
  });
});

test.each([
  ['3', 10, 3],
  ['10%', 5_000, 500],
  ['10%', 4, 1],
  ['1%', 0, 1],
])('a batch of %s of %i agents is %i', (batch, agents, count) => {
  expect(batchOf(batch, agents)).toBe(count);
});

test('the version before is kept while more than a sixth of its life is left', () => {
  const notAfter = (days: number) => new Date(now.getTime() + days * 86_400_000);
  const life = (left: number) => ({ notBefore: notAfter(left - 90), notAfter: notAfter(left) });
  expect(endsSoon(life(15.1), now)).toBe(false);
  expect(endsSoon(life(14.9), now)).toBe(true);
});

test('a person is needed where it stopped by itself', () => {
  const certificate = certificateName.parse('example.org');
  const place = { agent: web, says: 'apache: refused\nmore' };
  expect(rolloutNeed({ certificate, state: 'stopped', because: 'failed', place })).toEqual({
    fact: 'its rollout stopped at web: apache: refused',
    remedy:
      'Mend it there and `hub rollout example.org --continue`, or `hub rollout example.org --back`.',
  });
  for (const [state, because] of [
    ['running', ''],
    ['stopped', 'asked'],
    ['stopped', 'revoked'],
    ['back', 'asked'],
  ] as const)
    expect(rolloutNeed({ certificate, state, because, place: undefined })).toBeUndefined();
});

test('and people are told, once for as long as it stands', () => {
  const troubles = {
    certificates: [],
    delegations: [],
    deployments: [],
    agents: [],
    copies: [],
    hosts: [],
    terms: [],
  };
  const rollout = {
    ...{ certificate: certificateName.parse('example.org'), version: 'new', base: 'old', plan },
    state: 'stopped',
    because: 'no-word',
    ...{ place: { agent: web, says: 'no word' }, batch: 1 },
    ...{ startedAt: ago(60), changedAt: ago(5) },
  } as const;
  expect(standingAlerts({ ...troubles, rollouts: [rollout] }, now)).toMatchObject([
    { id: 'rollout:example.org', kind: 'rollout', severity: 'warning', since: ago(5) },
  ]);
  const asked = { ...rollout, because: 'asked' } as const;
  expect(standingAlerts({ ...troubles, rollouts: [asked] }, now)).toEqual([]);
});
