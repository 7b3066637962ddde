import { painter, textWidth } from '@sixhub/base';
import { agentName, certificateName } from '@sixhub/protocol';
import { expect, test } from 'vitest';
import type { StandingView } from './answers.js';
import {
  needLines,
  nobodyLines,
  standingLines,
  withoutRepeats,
  type Sheet,
} from './standing-text.js';

const at = new Date(2026, 10, 23, 20, 14, 3).toISOString();
const sheet = (width: number, more: Partial<Sheet> = {}): Sheet => ({
  ...{ page: 'certificate', paint: painter(false), width },
  now: new Date(2026, 10, 23, 22, 0, 0),
  ...more,
});

function standing(change: Partial<StandingView> = {}): StandingView {
  return {
    agent: agentName.parse('mail'),
    certificate: certificateName.parse('example.org'),
    ...{ service: 'postfix', state: 'not-serving', needs: 'person', version: null, current: true },
    ...{ since: at, checkedAt: at, lastError: null, says: 'fatal: bad line' },
    remedy: 'On mail: see `hub-agent status`, mend postfix, then `hub-agent run --now`.',
    ...change,
  };
}

test('the first line says which machine needs a person and why, the next what to do there', () => {
  expect(needLines([standing()], sheet(80))).toEqual([
    'needs a person: mail · postfix: not serving since 20:14:03: fatal: bad line',
    '  On mail: see `hub-agent status`, mend postfix, then `hub-agent run --now`.',
  ]);
});

test('on a phone nothing is wider than it, but for what is copied whole', () => {
  const says = 'postfix: fatal: bad string length 0 < 1: setgid_group =\nsecond line of its words';
  const older = standing({ state: 'older', says: '', version: 'v'.repeat(36), current: false });
  const all = [standing({ says }), older];
  const lines = [...needLines(all, sheet(40)), ...standingLines(all, sheet(40))];
  for (const line of lines.flatMap((text) => text.split('\n'))) {
    expect(textWidth(line), line).toBeLessThanOrEqual(40);
  }
  expect(lines.join('\n')).toContain(
    '\n    postfix: fatal: bad string length 0\n    < 1: setgid_group =\n    second line of its words',
  );
});

test('colour says nothing that the words do not', () => {
  const [first = ''] = needLines([standing()], sheet(40, { paint: painter(true) }));
  expect(first.startsWith('\u001b[31mneeds a person\u001b[39m: mail')).toBe(true);
  expect(textWidth(first.split('\n')[0] ?? '')).toBeLessThanOrEqual(40);
});

test('what another machine said can not move the cursor, nor go on for pages', () => {
  const says = `a\u001b[2Jb\r\n${'line\n'.repeat(100)}`;
  const text = needLines([standing({ says })], sheet(80)).join('\n');
  expect(text).not.toMatch(/[^\P{Cc}\n]/u);
  expect(text.split('\n')).toHaveLength(11);
  expect(text).toContain('… (--json)');
});

test('each line of the table: place, state, since when, when it was looked at, its last trouble', () => {
  const checkedAt = new Date(2026, 10, 23, 21, 30, 0).toISOString();
  const yesterday = new Date(2026, 10, 22, 3, 0, 0).toISOString();
  const lastError = { was: 'rolled-back', detail: 'fatal: no such file', at: yesterday } as const;
  const serving = { state: 'serving', needs: 'nothing', says: '', remedy: '' } as const;
  expect(
    standingLines(
      [
        standing({ ...serving, checkedAt, lastError }),
        standing({ state: 'silent', service: null, since: yesterday, checkedAt: yesterday }),
        standing({ state: 'unreported', service: null, since: null, checkedAt }),
      ],
      sheet(80),
    ),
  ).toEqual([
    '  mail · postfix · serving since 20:14:03, looked at 21:30:00',
    '    last trouble, 2026-11-22 03:00: back at the version before',
    '      fatal: no such file',
    '  mail · silent since 2026-11-22 03:00',
    '  mail · has not reported yet, heard of 21:30:00',
  ]);
});

test('where nobody is needed, it says so, and what it waits for', () => {
  expect(nobodyLines([], '2 of 2 services serve it', sheet(80))).toEqual([
    'nobody is needed: 2 of 2 services serve it',
  ]);
  const older = standing({ state: 'older', needs: 'time', remedy: 'It comes by itself.' });
  expect(nobodyLines([older, older], '', sheet(80))).toEqual([
    'nobody is needed yet: mail · postfix: serving an older version since 20:14:03,\n  and 1 more',
    '  It comes by itself.',
  ]);
});

test('on the page of an agent, certificates are its places, and its silence is told once', () => {
  const silent = standing({ state: 'silent', service: null });
  const other = { ...silent, certificate: certificateName.parse('example.net') };
  const page = sheet(80, { page: 'agent' });
  expect(standingLines(withoutRepeats([silent, other, standing()]), page)).toEqual([
    '  mail · silent since 20:14:03',
    '  example.org · postfix · not serving since 20:14:03',
  ]);
});
