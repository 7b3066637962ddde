import { X509Certificate } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { expect, test } from 'vitest';
import {
  apiClient,
  httpsGet,
  makeAgent,
  makeHeir,
  mustBe,
  ports,
  type AgentHouse,
  type HubHouse,
} from '../../lab/index.js';
import { openHouse } from '../api/house.js';
import { requestsOf } from './agent-requests.js';
import { enrolledHouse } from './copied-machine.js';

interface Shown {
  readonly serving: { readonly sha256: string };
  readonly next: { readonly sha256: string } | null;
  readonly without: { readonly count: number; readonly agents: readonly string[] };
  readonly invited: readonly string[];
  readonly formerUntil: string | null;
  readonly trusted: string;
}

async function ca(hub: HubHouse, ...words: readonly string[]): Promise<Shown> {
  return JSON.parse((await mustBe(0, await hub.run(['ca', ...words, '--json']))).stdout);
}

async function finished(hub: HubHouse): Promise<Shown> {
  await expect
    .poll(async () => (await ca(hub, 'show')).next, { interval: 250, timeout: 20_000 })
    .toBeNull();
  return ca(hub, 'show');
}

async function identity({ state }: AgentHouse): Promise<{ ca: string; certificate: string }> {
  return JSON.parse(await readFile(join(state, 'identity.json'), 'utf8'));
}

/** How many CAs it trusts, and whether its certificate is from the one that the hub shows itself by. */
async function trust(house: AgentHouse, { trusted }: Shown): Promise<readonly unknown[]> {
  const { ca: known, certificate } = await identity(house);
  const issuer = new X509Certificate(trusted).publicKey;
  return [known.match(/BEGIN/g)?.length, new X509Certificate(certificate).verify(issuer)];
}

async function enrolAt(hub: HubHouse, house: AgentHouse, name: string, input?: string) {
  const token = input ?? (await mustBe(0, await hub.run(['agent', 'add', name]))).stdout;
  return mustBe(0, await house.run(['enroll'], { input: token }));
}

test('a new CA goes to every agent, enrolment goes on, and the old one is gone when all have it', async () => {
  await using house = await openHouse();
  const { lab, hub } = house;
  const daemon = await hub.serve();
  const web = await enrolledHouse(house, 'web');
  await mustBe(0, await web.run(['run']));
  const { stdout: early } = await mustBe(0, await hub.run(['agent', 'add', 'early']));
  const before = await ca(hub, 'show');
  expect(before).toMatchObject({ next: null, formerUntil: null });

  const told = await mustBe(0, await hub.run(['ca', 'rotate']));
  expect(told.stdout).toMatch(/Without the next one yet: web\n.*early\n/);
  expect(await hub.run(['ca', 'rotate'])).toMatchObject({ code: 1 });
  const during = await ca(hub, 'show');
  expect(during.serving.sha256).toBe(before.serving.sha256);
  // Both for who asks the API.
  expect((await readFile(hub.ca, 'utf8')).match(/BEGIN/g)).toHaveLength(2);

  // A token of before, and one of now: both name the CA that the hub shows itself by.
  const [first, second] = [await makeAgent(lab, 'early'), await makeAgent(lab, 'late')];
  await enrolAt(hub, first, 'early', early);
  await enrolAt(hub, second, 'late');
  const turn = await mustBe(0, await web.run(['run']));
  expect(turn.stderr).toContain('a second CA');
  expect(turn.stderr).toContain('identity: renewed');
  expect(await trust(web, during)).toEqual([2, false]);
  // Killed here, nothing is lost; it has what it needs before the hub counts on it.
  await daemon.kill();
  await hub.serve();
  for (const agent of [web, first, second]) {
    for (let run = 0; run < 2; run++) await mustBe(0, await agent.run(['run']));
  }
  const after = await finished(hub);
  expect(after.serving.sha256).toBe(during.next?.sha256);
  expect(after).toMatchObject({ formerUntil: null, without: { count: 0 } });
  for (const agent of [web, first, second]) {
    await mustBe(0, await agent.run(['run']));
    expect(await trust(agent, after)).toEqual([1, true]);
    expect((await mustBe(0, await agent.run(['run']))).stderr).not.toContain('CA');
  }
  expect(await httpsGet(`${hub.apiUrl}/healthz`, { ca: after.trusted })).toMatchObject({
    status: 200,
  });
  await enrolAt(hub, await makeAgent(lab, 'fresh'), 'fresh');
  const client = await apiClient(hub, 'audit');
  const { json } = await client.get('/v1/audit?action=ca&limit=10');
  expect(json['lines']).toMatchObject([
    { action: 'ca.finish', actor: 'hub', object: after.serving.sha256 },
    { action: 'ca.rotate', actor: expect.stringContaining('socket'), object: after.serving.sha256 },
  ]);
}, 180_000);

test('who slept through it tells the hub by the link, is let in, and has the new one at once', async () => {
  await using house = await openHouse();
  const { lab, hub } = house;
  await hub.serve();
  const sleeper = await enrolledHouse(house, 'sleeper');
  await ca(hub, 'rotate');
  const after = await ca(hub, 'finish');
  expect(after).toMatchObject({ next: null, without: { agents: ['sleeper'] } });
  expect(after.formerUntil).not.toBeNull();
  // An agent that knows nothing of new CAs goes on by what it has.
  const plain = await requestsOf(hub, sleeper);
  expect(await plain.send('GET', '/v1/agent/manifest')).toMatchObject({ status: 200 });
  // And who is invited now finds the CA that its token names.
  const fresh = await makeAgent(lab, 'fresh');
  await enrolAt(hub, fresh, 'fresh');
  await mustBe(0, await fresh.run(['run']));
  const run = await mustBe(0, await sleeper.run(['run']));
  expect(run.stderr).toContain('a new CA');
  expect(await trust(sleeper, after)).toEqual([1, true]);
  await mustBe(0, await sleeper.run(['run']));
  expect(await ca(hub, 'show')).toMatchObject({ without: { count: 0 } });
  // A second time, with nobody asleep.
  await ca(hub, 'rotate');
  for (let turn = 0; turn < 2; turn++) {
    for (const agent of [sleeper, fresh]) await mustBe(0, await agent.run(['run']));
  }
  const last = await finished(hub);
  await mustBe(0, await sleeper.run(['run']));
  expect(await trust(sleeper, last)).toEqual([1, true]);
}, 180_000);

test('a CA that is not trusted any more lets nobody in by its certificates, also over a connection that is open', async () => {
  await using house = await openHouse();
  const { hub } = house;
  await hub.serve();
  const sleeper = await enrolledHouse(house, 'sleeper');
  await mustBe(0, await sleeper.run(['run']));
  const before = await identity(sleeper);
  const requests = await requestsOf(hub, sleeper);
  const held = requests.hold(await requests.etag(), 120).then(
    ({ status }) => status,
    () => 'cut off',
  );
  const client = await apiClient(hub, 'metrics', '--scope', 'metrics');
  await expect
    .poll(async () => (await client.get('/metrics')).body, { interval: 50 })
    .toContain('sixhub_agents{state="waiting"} 1\n');
  await ca(hub, 'rotate');
  await held; // told of it
  const again = requests.hold(await requests.etag(), 120).then(
    ({ status }) => status,
    () => 'cut off',
  );
  expect(await ca(hub, 'finish', '--distrust')).toMatchObject({ formerUntil: null });
  expect(await again).not.toBe(304);
  expect(await requests.send('GET', '/v1/agent/manifest')).toMatchObject({ status: 401 });
  const run = await sleeper.run(['run']);
  expect(run.code).toBe(1);
  expect(run.stderr).toMatch(/certificate of this hub.*\n.*hub-agent enroll --again/);
  expect(await identity(sleeper)).toEqual(before);
  await mustBe(0, await hub.run(['agent', 'remove', 'sleeper']));
  const { stdout: input } = await mustBe(0, await hub.run(['agent', 'add', 'sleeper']));
  await mustBe(0, await sleeper.run(['enroll', '--again'], { input }));
  await mustBe(0, await sleeper.run(['run']));
}, 180_000);

test('a hub restored in the middle of it goes on with it', async () => {
  await using house = await openHouse();
  const { lab, hub } = house;
  const daemon = await hub.serve();
  const [web, mail] = [await enrolledHouse(house, 'web'), await enrolledHouse(house, 'mail')];
  await ca(hub, 'rotate');
  for (let run = 0; run < 2; run++) await mustBe(0, await web.run(['run']));
  expect(await ca(hub, 'show')).toMatchObject({ without: { agents: ['mail'] } });
  const place = await lab.makeDirectory('backups');
  const [file, passphrase] = [join(place, 'hub.age'), join(place, 'passphrase')];
  await writeFile(passphrase, 'correct horse battery staple\n');
  await mustBe(0, await hub.run(['backup', file, '--passphrase-file', passphrase]));
  await mustBe(0, await hub.run(['key', 'rotate']));
  await daemon.kill();
  const heir = await makeHeir(lab, hub);
  const words = ['restore', file, '--keep-config', '--passphrase-file', passphrase];
  await mustBe(0, await heir.run(words));
  await heir.serve();
  for (let run = 0; run < 2; run++) {
    for (const agent of [web, mail]) await mustBe(0, await agent.run(['run']));
  }
  const after = await finished(heir);
  for (const agent of [web, mail]) {
    await mustBe(0, await agent.run(['run']));
    expect(await trust(agent, after)).toEqual([1, true]);
  }
}, 180_000);

test('with the watch all of it takes seconds, and nobody runs anything', async () => {
  await using house = await openHouse();
  const { hub } = house;
  await hub.serve();
  const web = await enrolledHouse(house, 'web');
  await mustBe(0, await web.run(['run']));
  const stop = new AbortController();
  const watching = web.run(['watch'], { signal: stop.signal });
  try {
    const client = await apiClient(hub, 'metrics', '--scope', 'metrics');
    await expect
      .poll(async () => (await client.get('/metrics')).body, { interval: 50, timeout: 10_000 })
      .toContain('sixhub_agents{state="waiting"} 1\n');
    await ca(hub, 'rotate');
    const after = await finished(hub);
    await expect
      .poll(() => trust(web, after), { interval: 100, timeout: 10_000 })
      .toEqual([1, true]);
  } finally {
    stop.abort();
    expect((await watching).code).toBe(0);
  }
});

test('a hub that is started anew shows another certificate, and its agents go on', async () => {
  await using house = await openHouse();
  const { hub } = house;
  const daemon = await hub.serve();
  const web = await enrolledHouse(house, 'web');
  await mustBe(0, await web.run(['run']));
  const before = await shownBy(hub);
  await daemon[Symbol.asyncDispose]();
  await hub.serve();
  expect(await shownBy(hub)).not.toBe(before);
  await mustBe(0, await web.run(['run']));
  await mustBe(0, await hub.run(['ca', 'rotate']));
  const running = await shownBy(hub);
  await mustBe(0, await hub.run(['ca', 'finish']));
  expect(await shownBy(hub)).not.toBe(running);
  await mustBe(0, await web.run(['run']));
});

/** The fingerprint of what the hub shows its agents. */
function shownBy({ address }: HubHouse): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address, port: ports.agents, rejectUnauthorized: false });
    socket.once('error', reject);
    socket.once('secureConnect', () => {
      resolve(socket.getPeerCertificate().fingerprint256);
      socket.destroy();
    });
  });
}
