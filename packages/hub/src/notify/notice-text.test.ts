import { expect, test } from 'vitest';
import type { Alert } from '../domain/alert.js';
import { groupNews } from '../domain/notice.js';
import { renderNotice } from './notice-text.js';

const now = new Date('2027-01-05T03:10:00Z');
const inDays = (days: number): Date => new Date(now.getTime() + days * 86_400_000);

function certificate(name: string, change: Partial<Alert> = {}): Alert {
  return {
    ...{ id: `certificate:${name}`, kind: 'certificate', subject: name, severity: 'warning' },
    ...{ level: 1, cause: 'certificate 1 dns', since: inDays(-3), endsAt: inDays(22) },
    headline: `${name} can't be renewed`,
    fact: 'pebble: no TXT record was found',
    fix: `Mend the zone of ${name}, then run \`hub issue ${name} --with-a-long-option\`.`,
    ...change,
  };
}

test('one trouble: the subject says what, the first line what to do', () => {
  const groups = groupNews([{ news: 'new', alert: certificate('example.org') }]);
  expect(renderNotice({ id: 'x', at: now, groups }, 'hub1')).toEqual({
    subject: "example.org can't be renewed, ends in 22d [hub1]",
    text: `Mend the zone of example.org, then run
\`hub issue example.org --with-a-long-option\`.

example.org can't be renewed, ends in 22d.
Since 2027-01-02 03:10 UTC. Ends 2027-01-27 03:10 UTC.
pebble: no TXT record was found.

-- 
Told by the hub on hub1, 2027-01-05 03:10 UTC.
All that stands: hub notify list
`,
  });
});

test('several: what is broken first, then what ends first, what is over last, in lines for a phone', () => {
  const ended = {
    ...({
      severity: 'critical',
      level: 4,
      cause: 'certificate 4 dns',
      endsAt: inDays(-1),
    } as const),
    headline: 'old.example has ended',
  };
  const groups = groupNews([
    { news: 'over', alert: certificate('good.example') },
    { news: 'new', alert: certificate('b.example') },
    { news: 'new', alert: certificate('a.example', { endsAt: inDays(20) }) },
    { news: 'worse', alert: certificate('old.example', ended) },
  ]);
  const { subject, text } = renderNotice({ id: 'x', at: now, groups }, 'hub1');
  expect(subject).toBe('old.example has ended 1d ago (and 3 more) [hub1]');
  expect(text).toContain(`2 certificates can't be issued or renewed, the first ends in 20d.
- a.example can't be renewed, ends in 20d
- b.example can't be renewed, ends in 22d
The first of them:
pebble: no TXT record was found.

Over, nothing to do: issued, or not wanted any more (good.example).
`);
  for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(72);
});
