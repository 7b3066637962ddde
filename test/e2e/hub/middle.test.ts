import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatJoinToken, parseJoinToken } from '@sixhub/protocol';
import { expect, test } from 'vitest';
import {
  makeAgent,
  makeHubAlone,
  mustBe,
  type AgentHouse,
  type HubHouse,
} from '../../lab/index.js';
import { openHouse } from '../api/house.js';
import { openMiddle, replayTo } from './middle.js';

/** Tokens and agents of this hub know it at this address alone. */
async function reachedAt(hub: HubHouse, url: string): Promise<void> {
  const text = await readFile(hub.config, 'utf8');
  await writeFile(hub.config, text.replace(/^addresses = \["https:.+$/m, `addresses = ["${url}"]`));
}

async function invite(hub: HubHouse, name: string): Promise<string> {
  return (await mustBe(0, await hub.run(['agent', 'add', name]))).stdout;
}

async function enrolments(hub: HubHouse): Promise<readonly { action: string; detail: string }[]> {
  const words = ['audit', 'list', '--action', 'agent', '--limit', '100', '--json'];
  const { lines } = JSON.parse((await mustBe(0, await hub.run(words))).stdout);
  return lines.filter(({ action }: { action: string }) => action.startsWith('agent.enrol'));
}

function isEnrolled({ state }: AgentHouse): Promise<boolean> {
  return readFile(join(state, 'identity.json')).then(
    () => true,
    () => false,
  );
}

test('somebody in the middle with a certificate of their own is told nothing, by whoever', async () => {
  await using house = await openHouse();
  const { lab, hub } = house;
  const middle = await openMiddle(lab, hub);
  await reachedAt(hub, middle.url);
  await hub.serve();
  const web = await makeAgent(lab, 'web');
  const input = await invite(hub, 'web');

  middle.behave('ends');
  const refused = await web.run(['enroll'], { input });
  expect(refused).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('secret was not sent'),
  });
  expect(middle.connections()).toBeGreaterThan(0);
  expect(middle.read()).toBe('');
  expect(await isEnrolled(web)).toBe(false);

  // The same token is as good as before, through somebody who only passes it on.
  middle.behave('passes');
  await mustBe(0, await web.run(['enroll'], { input }));
  await mustBe(0, await web.run(['run']));
  middle.behave('ends');
  const before = middle.connections();
  const run = await web.run(['run']);
  expect(run.code).toBe(4);
  expect(run.stderr).toContain('nothing was sent to it');
  expect(middle.connections()).toBeGreaterThan(before);
  expect(middle.read()).toBe('');
}, 180_000);

test('who passes bytes on reads nothing of them, and can do nothing with them later', async () => {
  await using house = await openHouse();
  const { lab, hub } = house;
  const middle = await openMiddle(lab, hub);
  await reachedAt(hub, middle.url);
  await hub.serve();
  const web = await makeAgent(lab, 'web');
  const input = await invite(hub, 'web');
  await mustBe(0, await web.run(['enroll'], { input }));
  await mustBe(0, await web.run(['run']));
  const secret = parseJoinToken(input)?.secret ?? '';
  expect(secret).not.toBe('');
  expect(middle.sent.length).toBeGreaterThan(1);
  for (const bytes of middle.sent) {
    expect(bytes.length).toBeGreaterThan(0);
    for (const word of [secret, '/v1/', 'CN=web']) expect(bytes.includes(word)).toBe(false);
  }
  const known = await enrolments(hub);
  for (const bytes of middle.sent) await replayTo(hub, bytes);
  expect(await enrolments(hub)).toEqual(known);
  middle.behave('replays');
  const run = await web.run(['run']);
  expect(run.code).toBe(4);
  middle.behave('passes');
  await mustBe(0, await web.run(['run']));
}, 180_000);

test('a token for another hub, one that is late, and one that was used: refused, told and audited', async () => {
  await using house = await openHouse();
  const { lab, hub } = house;
  await hub.serve();
  const token = await invite(hub, 'web');
  const parsed = parseJoinToken(token);
  if (parsed === undefined) throw new Error('no token');
  const other = await makeHubAlone(lab);
  await other.serve();
  const web = await makeAgent(lab, 'web');
  const elsewhere = formatJoinToken({ ...parsed, hubs: [other.agentsUrl] });
  expect(await web.run(['enroll'], { input: elsewhere })).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(
      /is not the hub that the join token is for.*secret was not sent/s,
    ),
  });
  expect(await enrolments(other)).toEqual([]);

  await house.sql("UPDATE join_tokens SET expires_at = '2026-01-01T00:00:00.000Z'");
  expect(await web.run(['enroll'], { input: token })).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/expired at 2026-01-01.*hub agent add web/s),
  });
  const anew = await invite(hub, 'web');
  expect(await web.run(['enroll'], { input: token })).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('a newer one may have replaced it'),
  });
  await mustBe(0, await web.run(['enroll'], { input: anew }));
  const thief = await makeAgent(lab, 'thief');
  expect(await thief.run(['enroll'], { input: anew })).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('used already'),
  });
  const told = await enrolments(hub);
  expect(told.map(({ action, detail }) => (action === 'agent.enrol' ? action : detail))).toEqual([
    'token-expired',
    'token-unknown',
    'agent.enrol',
    'token-used',
  ]);
}, 180_000);
