import { agentName, certificateName, type ServiceState } from '@sixhub/protocol';
import { expect, test } from 'vitest';
import { day, hour, openSimulator, type Simulator } from '../renewal/simulator.js';

const certificate = certificateName.parse('a.example');
const agent = agentName.parse('mail');

function openOne(): Promise<Simulator> {
  return openSimulator({ authorities: [{ name: 'first' }], certificates: [certificate] });
}

/** Subjects and first lines of the text: what is the matter, and what to do. */
function said({ told }: Simulator): readonly (readonly [string, string])[] {
  return told.map(({ subject, text }) => [subject, text.split('\n', 1)[0] ?? '']);
}

async function enrol({ store, time }: Simulator): Promise<void> {
  await store.agents.create({ id: 'one', name: agent, createdAt: time.now() });
  await store.agents.setStatus('one', 'active', time.now());
  await store.agents.grant('one', certificate, time.now());
}

test('a CNAME that is gone is told with the record to create, and told when it is back', async () => {
  await using hub = await openOne();
  await hub.pass(day, 2 * hour);
  hub.movedAway.add(certificate);
  await hub.pass(2 * day, hour);
  expect(said(hub)).toEqual([
    [
      expect.stringMatching(/^the CNAME of a\.example is gone, needed within 8\dd/),
      expect.stringMatching(
        /^Create `_acme-challenge\.a\.example\. CNAME a\.example\.zone\.test\.`/,
      ),
    ],
  ]);
  hub.movedAway.delete(certificate);
  await hub.pass(2 * day, hour);
  expect(said(hub).slice(1)).toEqual([
    [
      'Over: the CNAME is there again, or not needed any more: a.example [simulated]',
      expect.stringMatching(/^Over, nothing to do/),
    ],
  ]);
});

test('an agent that is silent is told, but not because the hub itself was away', async () => {
  await using hub = await openOne();
  await enrol(hub);
  const seen = (): Promise<void> => hub.store.agents.seen('one', hub.time.now());
  await hub.pass(day, hour / 4, seen);
  hub.time.setTo(hub.time.now().getTime() + 2 * day);
  await hub.restart();
  await hub.pass(hour / 4, 60_000);
  await seen();
  await hub.pass(5 * hour, hour / 4);
  expect(said(hub)).toEqual([]);
  await hub.pass(2 * hour, hour / 4);
  expect(said(hub)).toEqual([
    ['the agent mail is silent [simulated]', expect.stringMatching(/^On mail: `systemctl status/)],
  ]);
  // A restart neither ends it nor tells it anew.
  await hub.restart();
  await hub.pass(day, hour / 4);
  expect(hub.told).toHaveLength(1);
  await hub.pass(hour, hour / 4, seen);
  expect(said(hub).at(-1)?.[0]).toMatch(/^Over: the agent is heard of again/);
});

test('a service that does not serve is told with its words; worse is told again', async () => {
  await using hub = await openOne();
  await enrol(hub);
  const report = async (state: ServiceState): Promise<void> => {
    const at = hub.time.now();
    await hub.store.agents.seen('one', at);
    const service = { service: 'postfix', state, detail: 'main.cf: bad line\nmore' };
    await hub.store.agents.saveDeployment('one', {
      ...{ agent, certificate, version: 'v2', installed: true, detail: '', reportedAt: at },
      services: [{ ...service, at: at.toISOString(), since: at.toISOString() }],
    });
  };
  await hub.pass(3 * hour, hour / 4, () => report('serving'));
  expect(said(hub)).toEqual([]);
  await hub.pass(3 * hour, hour / 4, () => report('rolled-back'));
  await hub.pass(3 * hour, hour / 4, () => report('not-serving'));
  const subject = 'postfix on mail does not serve a.example [simulated]';
  const todo = expect.stringMatching(/^On mail: see `hub-agent status`, mend postfix/);
  expect(said(hub)).toEqual([
    [subject, todo],
    [subject, todo],
  ]);
  expect(hub.told.map(({ urgency }) => urgency)).toEqual(['warning', 'critical']);
  expect(hub.told[0]?.text).toContain('main.cf: bad line');
  await hub.pass(3 * hour, hour / 4, () => report('serving'));
  expect(said(hub).at(-1)?.[0]).toBe(
    'Over: installed and served, or not wanted any more: mail/a.example [simulated]',
  );
});

test('a host that is not as described is told, worse where it does not work, and when nobody looks', async () => {
  await using hub = await openOne();
  await enrol(hub);
  const what = { what: 'A client does not reach it. tayga is not running.', remedy: 'Start it.' };
  const word = (state: 'right' | 'drifted', broken: boolean, looked = hub.time.now()) => {
    const at = looked.toISOString();
    const troubles = state === 'right' ? [] : [what];
    return { at, state, broken, count: troubles.length * 3, troubles, since: at };
  };
  const pass = async (state: 'right' | 'drifted', broken: boolean): Promise<void> => {
    await hub.pass(3 * hour, hour / 4, async () => {
      await hub.store.agents.seen('one', hub.time.now());
      await hub.store.hosts.save('one', word(state, broken));
    });
  };
  await pass('right', false);
  expect(said(hub)).toEqual([]);
  await pass('drifted', false);
  await pass('drifted', true);
  expect(said(hub)).toEqual([
    ['the host mail is not as host.toml has it [simulated]', 'On mail: Start it.'],
    ['the host mail does not do what it should [simulated]', 'On mail: Start it.'],
  ]);
  expect(hub.told.map(({ urgency }) => urgency)).toEqual(['warning', 'critical']);
  expect(hub.told[0]?.text).toContain('tayga is not running; and 2 more');
  await pass('right', false);
  expect(said(hub).at(-1)?.[0]).toMatch(/^Over: the host is as described/);
  await hub.pass(day + 2 * hour, hour / 4, () => hub.store.agents.seen('one', hub.time.now()));
  expect(said(hub).at(-1)?.[0]).toBe('nobody looks at the host mail any more [simulated]');
  expect(hub.told.at(-1)?.text).toMatch(/^On mail:\s+`systemctl status\s+sixhub-hostcore-drift/);
});

test('new terms are told until a person has agreed', async () => {
  await using hub = await openOne();
  const [first] = hub.authorities;
  if (first === undefined) throw new Error('there is an authority');
  await hub.pass(2 * day, 3 * hour);
  first.conduct.terms = '/terms-of-2027';
  await hub.pass(2 * day, 3 * hour);
  expect(said(hub)).toEqual([
    [
      'first has new terms of service [simulated]',
      expect.stringMatching(/^Read https:.*\/terms-of-2027, then/),
    ],
  ]);
  await hub.store.terms.agree(first.directory);
  await hub.pass(2 * day, 3 * hour);
  expect(said(hub).at(-1)?.[0]).toBe('Over: the terms are agreed to: first [simulated]');
  expect(hub.told).toHaveLength(2);
});

test('nobody is asked for terms who wants to be left alone', async () => {
  await using hub = await openOne();
  const [first] = hub.authorities;
  if (first === undefined) throw new Error('there is an authority');
  await hub.pass(2 * day, hour);
  first.conduct.trouble.set('all', { kind: 'busy', retryAfterMs: 6 * hour });
  await hub.pass(3 * day, hour);
  expect(first.conduct.violations).toEqual([]);
  first.conduct.trouble.clear();
  first.conduct.terms = '/terms-of-2027';
  await hub.pass(2 * day, hour);
  expect(said(hub).map(([subject]) => subject)).toContain(
    'first has new terms of service [simulated]',
  );
});

test('a channel that fails is tried again with back-off, and holds no other up', async () => {
  let tries = 0;
  let deaf = true;
  const ids = new Set<string>();
  await using hub = await openSimulator({
    authorities: [{ name: 'first' }],
    certificates: [certificate],
    channels: [
      {
        name: 'deaf',
        kind: 'webhook',
        send({ id }) {
          tries += 1;
          ids.add(id);
          return Promise.resolve(
            deaf
              ? { kind: 'failed', fact: 'is deaf', hint: 'Wait.' }
              : { kind: 'sent', answer: 'heard' },
          );
        },
      },
    ],
  });
  await hub.pass(day, 2 * hour);
  hub.movedAway.add(certificate);
  await hub.pass(2 * day, hour / 4);
  expect(hub.told).toHaveLength(1);
  // After 1, 5, 15 minutes, then every hour.
  expect(tries).toBeGreaterThan(5);
  expect(tries).toBeLessThanOrEqual(52);
  expect(await hub.store.alerts.channelState('deaf')).toMatchObject({
    ...{ waiting: 1, error: 'is deaf', lastSentAt: undefined },
  });
  expect(hub.warnings.join()).toContain('nobody was told through deaf: is deaf; again in');

  deaf = false;
  await hub.pass(2 * hour, hour / 4);
  expect([...ids], 'the same message, under one id').toEqual([hub.told[0]?.id]);
  const before = tries;
  await hub.pass(3 * day, 2 * hour);
  expect(tries).toBe(before);
  expect(await hub.store.alerts.channelState('deaf')).toMatchObject({
    ...{ waiting: 0, error: undefined },
  });
});

test('a message that nobody would take for three days is given up', async () => {
  await using hub = await openSimulator({
    authorities: [{ name: 'first' }],
    certificates: [certificate],
    channels: [
      {
        name: 'deaf',
        kind: 'mail',
        send: () => Promise.resolve({ kind: 'failed', fact: 'is deaf', hint: 'Wait.' }),
      },
    ],
  });
  hub.movedAway.add(certificate);
  await hub.pass(6 * day, 2 * hour);
  expect(hub.warnings.join()).toContain('is deaf; given up');
  expect(await hub.store.alerts.channelState('deaf')).toMatchObject({
    ...{ waiting: 0, error: 'is deaf' },
  });
});

test('a clock that is wrong is told as that, and nothing is judged by it', async () => {
  await using hub = await openOne();
  const [first] = hub.authorities;
  if (first === undefined) throw new Error('there is an authority');
  await hub.pass(day, 2 * hour);
  const right = hub.time.now().getTime();
  first.conduct.clockAheadMs = -365 * day;
  hub.time.setTo(right + 365 * day);
  await hub.pass(day, hour / 4);
  expect(said(hub)).toEqual([
    [
      "the hub's clock is wrong: nothing is renewed [simulated]",
      expect.stringContaining('Set it right'),
    ],
  ]);
  expect(hub.told[0]?.urgency).toBe('critical');
  first.conduct.clockAheadMs = 0;
  hub.time.setTo(right + day);
  await hub.pass(day, hour / 4);
  expect(said(hub).slice(1)).toEqual([
    ['Over: renewals go on: this machine [simulated]', expect.stringMatching(/^Over/)],
  ]);
});
