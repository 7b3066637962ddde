import { agentName, certificateName, serviceState, type ServiceState } from '@sixhub/protocol';
import { describe, expect, test } from 'vitest';
import { mergeServices, type Deployment } from './agent.js';
import type { Holding } from './holding.js';
import { byNeed, meanings, standingOfWant, standingsOf, standingStates } from './standing.js';

const now = new Date('2026-11-23T12:00:00Z');
const ago = (minutes: number): Date => new Date(now.getTime() - minutes * 60_000);
const mail = agentName.parse('mail');
const certificate = certificateName.parse('example.org');

function holding(change: Partial<Holding> = {}, agent: Partial<Holding['agent']> = {}): Holding {
  return {
    agent: {
      ...{ name: mail, status: 'active', silent: false, pushed: false },
      ...{ statusAt: ago(10_000), lastSeenAt: ago(3) },
      ...agent,
    },
    certificate,
    grantedAt: ago(10_000),
    version: { id: 'v2', issuedAt: ago(20) },
    deployment: undefined,
    ...{ waits: false, givenAt: undefined },
    ...change,
  };
}

function deployment(state: ServiceState | undefined, change: Partial<Deployment> = {}): Deployment {
  const at = ago(10).toISOString();
  const service = { service: 'postfix', detail: 'main.cf: bad line', at, since: at };
  return {
    ...{ agent: mail, certificate, version: 'v2', installed: true, detail: '' },
    services: state === undefined ? [] : [{ ...service, state }],
    reportedAt: ago(10),
    ...change,
  };
}

/** State, need and remedy of each. */
function brief(one: Holding): readonly string[] {
  return standingsOf(one, now).map(({ service, state, needs }) =>
    [service ?? '*', state, needs].join(' '),
  );
}

test('what needs a person has a remedy that names the machine or the command', () => {
  for (const state of standingStates) {
    const place = { agent: 'mail', service: 'postfix', certificate: 'example.org', isLate: true };
    const { needs, remedy } = meanings[state];
    if (needs === 'nothing') expect(remedy(place), state).toBe('');
    else expect(remedy(place), state).toMatch(/mail.*`/);
  }
});

describe('a service', () => {
  test('that was serving, and that nobody has looked at for over a day while its agent still comes', () => {
    const at = ago(27 * 60).toISOString();
    const service = { service: 'postfix', state: 'serving', detail: '', at, since: at } as const;
    const old = deployment('serving', { services: [service] });
    expect(brief(holding({ deployment: old }))).toEqual(['postfix unchecked person']);
    const silent = holding({ deployment: old }, { silent: true });
    expect(brief(silent)).toEqual(['* silent person', 'postfix serving nothing']);
  });

  test.each(serviceState.options)('that is %s, of the newest version', (state) => {
    const needs = state === 'serving' ? 'nothing' : 'person';
    expect(brief(holding({ deployment: deployment(state) }))).toEqual([
      `postfix ${state} ${needs}`,
    ]);
  });

  test('is told in its own words, with what else there is to know', () => {
    const detail = 'ALARM: there is no way back';
    const [one] = standingsOf(holding({ deployment: deployment('not-serving', { detail }) }), now);
    expect(one).toMatchObject({
      says: `main.cf: bad line\n${detail}`,
      remedy: 'On mail: see `hub-agent status`, mend postfix, then `hub-agent run --now`.',
      since: ago(10),
      checkedAt: ago(10),
      current: true,
    });
  });

  test('that serves an older version needs time, and after an hour a person', () => {
    const older = { deployment: deployment('serving', { version: 'v1' }) };
    expect(brief(holding(older))).toEqual(['postfix older time']);
    const late = holding({ ...older, version: { id: 'v2', issuedAt: ago(61) } });
    expect(brief(late)).toEqual(['postfix older person']);
    expect(standingsOf(late, now)[0]).toMatchObject({ current: false, version: 'v1' });
    expect(standingsOf(late, now)[0]?.remedy).toContain('On mail: `hub-agent run --now`');
  });

  test('that does not serve an older version needs a person at once', () => {
    const bad = { deployment: deployment('not-serving', { version: 'v1' }) };
    expect(brief(holding(bad))).toEqual(['postfix not-serving person']);
  });
});

describe('a machine', () => {
  test('without a service, with what is installed or not', () => {
    expect(brief(holding({ deployment: deployment(undefined) }))).toEqual(['* installed nothing']);
    const failed = deployment(undefined, { installed: false, detail: 'no space left' });
    expect(standingsOf(holding({ deployment: failed }), now)).toMatchObject([
      { state: 'not-installed', needs: 'person', says: 'no space left', since: ago(10) },
    ]);
  });

  test('that went back to the version before is told by its services alone', () => {
    const back = { deployment: deployment('rolled-back', { installed: false, detail: 'taken' }) };
    expect(brief(holding(back))).toEqual(['postfix rolled-back person']);
  });

  test('that has not reported yet, is given time since its grant and its enrolment', () => {
    expect(brief(holding())).toEqual(['* unreported time']);
    const version = { id: 'v2', issuedAt: ago(9_000) };
    expect(brief(holding({ version }))).toEqual(['* unreported person']);
    expect(brief(holding({ version, grantedAt: ago(5) }))).toEqual(['* unreported time']);
    expect(brief(holding({ version }, { statusAt: ago(5) }))).toEqual(['* unreported time']);
    expect(brief(holding({ version: undefined }))).toEqual(['* unreported time']);
  });

  test('that is silent is told once, with what was true then', () => {
    const then = { deployment: deployment('serving', { version: 'v1' }) };
    const version = { id: 'v2', issuedAt: ago(900) };
    expect(brief(holding({ ...then, version }, { silent: true }))).toEqual([
      '* silent person',
      'postfix older time',
    ]);
    expect(brief(holding({}, { silent: true }))).toEqual(['* silent person']);
  });

  test('that is not enrolled, or removed, is not asked for more', () => {
    expect(brief(holding({}, { status: 'invited' }))).toEqual(['* not-enrolled person']);
    const gone = holding({ deployment: deployment('serving') }, { status: 'removed' });
    expect(brief(gone)).toEqual(['* removed nothing']);
  });

  test('that names what it was not given', () => {
    expect(standingOfWant({ agent: mail, service: 'postfix', certificate })).toMatchObject({
      state: 'not-granted',
      needs: 'person',
      remedy: expect.stringContaining('`hub agent grant mail example.org`'),
    });
  });
});

test('what is most pressing comes first', () => {
  const of = (state: ServiceState) => standingsOf(holding({ deployment: deployment(state) }), now);
  const all = [...of('serving'), ...standingsOf(holding(), now), ...of('rolled-back')];
  expect(byNeed([...all, ...of('not-serving')]).map(({ state }) => state)).toEqual([
    'not-serving',
    'rolled-back',
    'unreported',
    'serving',
  ]);
});

test('a service that serves again keeps its last trouble, for a month', () => {
  const bad = deployment('not-serving');
  const serving = (at: Date) =>
    [{ service: 'postfix', state: 'serving', detail: '', at: at.toISOString() }] as const;
  const lastError = { was: 'not-serving', detail: 'main.cf: bad line', at: ago(10).toISOString() };
  const good = mergeServices(serving(now), 'v2', bad);
  expect(good).toMatchObject([{ state: 'serving', since: now.toISOString(), lastError }]);
  const again = mergeServices(serving(ago(-60)), 'v2', { ...bad, services: good });
  expect(again).toMatchObject([{ since: now.toISOString(), lastError }]);
  const later = mergeServices(serving(ago(-50_000)), 'v2', { ...bad, services: again });
  expect(later[0]?.lastError).toBeUndefined();
});
