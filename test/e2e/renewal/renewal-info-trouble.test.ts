import { expect, test } from 'vitest';
import { day, hour, openSimulator, type Simulator } from './simulator.js';

function first({ authorities }: Simulator) {
  const [authority] = authorities;
  if (authority === undefined) throw new Error('there is an authority');
  return authority;
}

test('renewal information that is to be asked for in days: not asked, and renewed in time by the lifetime', async () => {
  await using hub = await openSimulator({
    authorities: [{ name: 'first', renewalInfoRetryMs: 6 * hour }],
    certificates: ['a.example'],
    profile: 'shortlived',
  });
  const { conduct } = first(hub);
  conduct.trouble.set('renewal-info', { kind: 'busy', retryAfterMs: 5 * day });
  let least = 1;
  const look = async (): Promise<void> => {
    least = Math.min(least, await hub.leftOf('a.example'));
  };
  await hub.pass(3 * day, hour, look);
  // What is new is ordered at once, and not asked about; nor does a restart forget it.
  await hub.issue('b.example');
  expect(await hub.versions('b.example')).toHaveLength(1);
  await hub.restart();
  await hub.pass(9 * day, hour, look);
  expect(least).toBeGreaterThan(0.4);
  expect(conduct.violations).toEqual([]);
});

test('a certificate that is unknown to renewal information is no trouble of the others', async () => {
  await using hub = await openSimulator({
    authorities: [{ name: 'first', renewalInfoRetryMs: 6 * hour }],
    certificates: ['a.example', 'b.example', 'c.example'],
  });
  const { conduct } = first(hub);
  const asked: number[] = [];
  conduct.renewalInfo = ({ notBefore, notAfter }) => {
    asked.push(hub.time.now().getTime());
    if (asked.length === 1) return { status: 404, text: 'Certificate not found' };
    const [start, end] = [notBefore, notAfter].map((time) => time.toISOString());
    return { text: JSON.stringify({ suggestedWindow: { start, end } }), retryAfter: '21600' };
  };
  await hub.tick();
  expect(asked, 'all three, by the same tick').toHaveLength(3);
  const told = hub.warnings.join('\n');
  expect(told).toContain('its authority has no renewal information for it');
  expect(told).toContain('"status":404');
});
