import { expect, test } from 'vitest';
import { join } from 'node:path';
import {
  apiClient,
  checkoutRoot,
  commands,
  logSays,
  makeAgent,
  mustBe,
  openEstate,
  startDaemon,
  type HubHouse,
} from '../../lab/index.js';
import { openHouse } from '../api/house.js';
import { requestsOf, type AgentRequests } from './agent-requests.js';

type House = Pick<Awaited<ReturnType<typeof openHouse>>, 'lab' | 'hub'>;

async function enrolled(
  { lab, hub }: House,
  name: string,
  ...words: readonly string[]
): Promise<AgentRequests> {
  const { stdout: input } = await mustBe(0, await hub.run(['agent', 'add', name, ...words]));
  const house = await makeAgent(lab, name);
  await mustBe(0, await house.run(['enroll'], { input }));
  return requestsOf(hub, house);
}

/** How many requests are held now, by the hub's own word. */
async function heldNow(hub: HubHouse): Promise<number> {
  const client = await apiClient(hub, `t${Date.now()}`, '--scope', 'metrics');
  const { body } = await client.get('/metrics');
  return Number(/sixhub_agents\{state="waiting"\} (\d+)/.exec(body)?.[1]);
}

async function held(hub: HubHouse, count: number): Promise<void> {
  const client = await apiClient(hub, `t${Date.now()}`, '--scope', 'metrics');
  await expect
    .poll(async () => (await client.get('/metrics')).body, { interval: 20, timeout: 5_000 })
    .toContain(`sixhub_agents{state="waiting"} ${count}\n`);
}

test('a held request is answered at a new version, a grant, and its end, long before its time', async () => {
  await using estate = await openEstate();
  const { hub } = estate;
  await hub.serve();
  await estate.delegate('example.org');
  await mustBe(0, await hub.run(['issue', 'example.org']));
  const web = await enrolled(estate, 'web', '--cert', 'example.org');
  const mail = await enrolled(estate, 'mail');

  const [first, other] = [await web.etag(), await mail.etag()];
  const waiting = web.hold(first, 120);
  const bystander = mail.hold(other, 120);
  await held(hub, 2);
  const stored = await mustBe(0, await hub.run(['renew', 'example.org']));
  const storedAt = Date.now();
  const renewed = await waiting;
  expect(Date.now() - storedAt).toBeLessThan(10_000);
  expect(renewed.status).toBe(200);
  expect(renewed.headers['preference-applied']).toBe('wait=120');
  const [version] = /[0-9a-f-]{36}/.exec(stored.stdout) ?? [];
  expect(JSON.parse(renewed.body)).toMatchObject({ certificates: [{ version }] });
  // Who has no grant for it waits on, and is told of its own grant.
  await held(hub, 1);
  await mustBe(0, await hub.run(['agent', 'grant', 'mail', 'example.org']));
  expect(await bystander).toMatchObject({ status: 200 });

  const ungranted = mail.hold(await mail.etag(), 120);
  await held(hub, 1);
  await mustBe(0, await hub.run(['agent', 'ungrant', 'mail', 'example.org']));
  expect(JSON.parse((await ungranted).body)).toMatchObject({ certificates: [] });

  const revoked = web.hold(await web.etag(), 120);
  await held(hub, 1);
  await mustBe(
    0,
    await hub.run(['revoke', 'example.org', '--reason', 'cessationOfOperation', '--yes']),
  );
  expect(JSON.parse((await revoked).body)).toMatchObject({ certificates: [] });
});

test('who need not wait is answered at once; who waited in vain, with 304 in time', async () => {
  await using house = await openHouse();
  await house.hub.serve();
  const web = await enrolled(house, 'web');
  const etag = await web.etag();
  expect(await web.hold('"another"', 120)).toMatchObject({ status: 200 });
  const unasked = await web.send('GET', '/v1/agent/manifest', { prefer: 'wait=120' });
  expect(unasked.status).toBe(200);
  expect(unasked.headers['preference-applied']).toBeUndefined();
  const vain = await web.hold(etag, 1);
  expect(vain).toMatchObject({ status: 304, body: '', headers: { etag } });
  expect(vain.afterMs).toBeGreaterThanOrEqual(1_000);
  const most = web.hold(etag, 4_000);
  await held(house.hub, 1);
  // A second one of the same agent ends the first, and no third is there.
  const newer = web.hold(etag, 120);
  expect(await most).toMatchObject({ status: 304, headers: { 'preference-applied': 'wait=300' } });
  await held(house.hub, 1);
  await mustBe(0, await house.hub.run(['agent', 'remove', 'web']));
  await newer;
});

test('the held request of an agent that is removed ends at once, and its connection with it', async () => {
  await using house = await openHouse();
  await house.hub.serve();
  const web = await enrolled(house, 'web');
  const waiting = web.hold(await web.etag(), 120);
  await held(house.hub, 1);
  await mustBe(0, await house.hub.run(['agent', 'remove', 'web']));
  const removedAt = Date.now();
  const answer = await waiting;
  expect(Date.now() - removedAt).toBeLessThan(10_000);
  expect(answer).toMatchObject({ status: 401, headers: { connection: 'close' } });
  expect(JSON.parse(answer.body)).toMatchObject({ code: 'agent-removed' });
  await held(house.hub, 0);
});

test('the hub stops as quickly with requests that it holds, and answers them', async () => {
  await using house = await openHouse();
  const daemon = await house.hub.serve();
  const agents = [];
  for (const name of ['web', 'mail', 'mx']) agents.push(await enrolled(house, name));
  const waiting = [];
  for (const agent of agents) waiting.push(agent.hold(await agent.etag(), 120));
  await held(house.hub, 3);
  const askedAt = Date.now();
  await daemon[Symbol.asyncDispose]();
  expect(Date.now() - askedAt).toBeLessThan(20_000);
  for (const answer of await Promise.all(waiting)) {
    expect(answer).toMatchObject({ status: 304, body: '', headers: { 'retry-after': '1' } });
  }
});

test('an agent that waits comes back by itself to a hub that was stopped, and to one that was killed', async () => {
  await using house = await openHouse();
  const { hub, lab } = house;
  const first = await hub.serve();
  const { stdout: input } = await mustBe(0, await hub.run(['agent', 'add', 'web']));
  const agent = await makeAgent(lab, 'web');
  await mustBe(0, await agent.run(['enroll'], { input }));
  const log = join(agent.state, 'watch.log');
  await using watch = await startDaemon({
    name: 'hub-agent watch',
    program: join(checkoutRoot, commands['hub-agent']),
    args: ['watch', '--config', agent.config],
    logFile: log,
    ready: { says: 'it is held', holds: () => heldNow(hub).then((count) => count === 1) },
  });
  await first.stop();
  const second = await hub.serve();
  const patient = { interval: 200, timeout: 50_000 };
  await expect.poll(() => heldNow(hub), patient).toBe(1);
  await second.kill();
  // It says why it does not wait any more, and when it asks again.
  await expect
    .poll(() => logSays(/no hub can be reached: .*; asked again in /).holds(watch.log), patient)
    .toBe(true);
  await hub.serve();
  await expect.poll(() => heldNow(hub), patient).toBe(1);
}, 180_000);

test('what another process wrote is found with the next look, and one look serves all', async () => {
  await using house = await openHouse();
  await house.hub.serve();
  const web = await enrolled(house, 'web');
  const mail = await enrolled(house, 'mail');
  const waiting = web.hold(await web.etag(), 200);
  const bystander = mail.hold(await mail.etag(), 200);
  await held(house.hub, 2);
  await house.sql("UPDATE agents SET status = 'removed' WHERE name = 'web'");
  // Any change of this hub's own has it look, else the minute that passes.
  await mustBe(0, await house.hub.run(['agent', 'add', 'mx']));
  await mustBe(0, await house.hub.run(['agent', 'remove', 'mx']));
  expect((await waiting).status).toBe(401);
  await mustBe(0, await house.hub.run(['agent', 'remove', 'mail']));
  expect((await bystander).status).toBe(401);
});
