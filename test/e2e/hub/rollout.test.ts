import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { expect, test } from 'vitest';
import {
  apiClient,
  makeAgent,
  mustBe,
  openEstate,
  startApache,
  type AgentHouse,
  type Apache,
  type CommandResult,
  type Estate,
} from '../../lab/index.js';
import { requestsOf, type AgentRequests } from './agent-requests.js';

const domain = 'example.org';
const host = 'www.example.org';

async function issued(): Promise<Estate> {
  const estate = await openEstate();
  await estate.hub.serve();
  await estate.delegate(domain);
  await mustBe(0, await estate.hub.run(['issue', domain]));
  return estate;
}

async function enrolled({ lab, hub }: Estate, name: string): Promise<AgentHouse> {
  const words = ['agent', 'add', name, '--cert', domain];
  const { stdout: input } = await mustBe(0, await hub.run(words));
  const house = await makeAgent(lab, name);
  await mustBe(0, await house.run(['enroll'], { input }));
  return house;
}

interface Machine {
  readonly agent: AgentHouse;
  readonly apache: Apache;
  /** The fingerprint that its Apache shows. */
  shown(): Promise<string>;
}

async function machine(estate: Estate, name: string): Promise<Machine> {
  const agent = await enrolled(estate, name);
  await mustBe(0, await agent.run(['run']));
  const address = estate.lab.address();
  const certificate = join(agent.live, domain);
  const apache = await startApache(estate.lab, [{ address, names: [host], certificate }]);
  await agent.configure([{ apache, certificates: [domain], names: [host] }]);
  await mustBe(0, await agent.run(['run', '--now']));
  return {
    agent,
    apache,
    async shown() {
      const [where = '', port = ''] = apache.endpoints[0]?.split(/:(?=\d+$)/) ?? [];
      const socket = connect({
        ...{ host: where, port: Number(port), servername: host, rejectUnauthorized: false },
      });
      try {
        await once(socket, 'secureConnect');
        return socket.getPeerCertificate().fingerprint256.replaceAll(':', '').toLowerCase();
      } finally {
        socket.destroy();
      }
    },
  };
}

/** Runs all agents, as their timers do, until the command has ended. */
async function whileAgentsRun(
  machines: readonly Machine[],
  command: Promise<CommandResult>,
): Promise<CommandResult> {
  let done = false;
  void command.finally(() => (done = true));
  while (!done) for (const { agent } of machines) await agent.run(['run']);
  return command;
}

const newest = async ({ hub }: Estate): Promise<{ id: string; fingerprint: string }> =>
  JSON.parse((await mustBe(0, await hub.run(['show', domain, '--json']))).stdout).version;

test('a broken vhost stops a rollout: it was proven elsewhere, and the others keep what they serve', async () => {
  await using estate = await issued();
  const { hub } = estate;
  const before = await newest(estate);
  // By name; web is to be the first nevertheless.
  const [mail, mx, web] = [
    await machine(estate, 'mail'),
    await machine(estate, 'mx'),
    await machine(estate, 'web'),
  ];
  const all = [mail, mx, web];
  const config = await readFile(mail.apache.config, 'utf8');
  await appendFile(mail.apache.config, '\nNoSuchDirective on\n');

  const words = ['rollout', domain, '--first', 'web', '--batch', '1'];
  const stopped = await whileAgentsRun(all, hub.run(words));
  expect(stopped.code, stopped.stderr).toBe(1);
  expect(stopped.stderr).toMatch(/^example\.org: batch 1: web$/m);
  expect(stopped.stderr).toMatch(/^example\.org: batch 2: mail$/m);
  expect(stopped.stderr).not.toContain('batch 3');
  expect(stopped.stdout).toMatch(
    /^needs a person: its rollout stopped at mail: apache \(broken-before\)/m,
  );
  expect(stopped.stdout).toContain("Invalid command 'NoSuchDirective'");
  expect(stopped.stdout).toContain('`hub rollout example.org --continue`');
  const after = await newest(estate);
  expect(after.id).not.toBe(before.id);
  expect(await web.shown()).toBe(after.fingerprint);
  for (const { shown } of [mail, mx]) expect(await shown()).toBe(before.fingerprint);
  expect((await hub.run(['rollout', domain])).code).toBe(1);

  // What is told of it elsewhere: mx is not behind, it waits.
  const shown = (await hub.run(['show', domain])).stdout;
  expect(shown).toMatch(/^needs a person: its rollout stopped at mail/);
  expect(shown).toMatch(
    /mx · apache · serving the version before, until its turn in the rollout since/,
  );
  const behind = (await hub.run(['agent', 'list', '--behind'])).stdout;
  expect(behind).toMatch(/^mail +behind, needs you/m);
  expect(behind).not.toMatch(/^(mx|web) /m);
  // Each has told what it is.
  expect(behind).toMatch(/^1 agent: 1 behind; 1 needs a person; versions 0\.1\.0 \(1\)$/m);
  expect((await hub.run(['agent', 'show', 'mx'])).stdout).toContain(
    `program   0.1.0 on Node ${process.versions.node}\n`,
  );
  const client = await apiClient(hub, 'monitoring');
  const waiting = { state: 'waiting', needs: 'nothing', current: false, service: 'apache' };
  expect((await client.get('/v1/agents/mx')).json).toMatchObject({ standings: [waiting] });
  expect((await client.get(`/v1/certificates/${domain}/rollout`)).json).toMatchObject({
    rollout: {
      ...{ state: 'stopped', because: 'failed', batch: 2, place: { agent: 'mail' } },
      agents: { proven: 1, underWay: 0, failed: 1, waiting: 1, away: 0 },
    },
  });
  expect((await hub.run(words)).stderr).toContain('is stopped');
  const scraper = await apiClient(hub, 'prometheus', '--scope', 'metrics');
  const { body: metrics } = await scraper.get('/metrics');
  expect(metrics).toContain('\nsixhub_rollouts{state="stopped"} 1\n');
  expect(metrics).toMatch(
    /^sixhub_rollout_stopped_since_timestamp_seconds\{certificate="example\.org"\} \d{10}/m,
  );

  // Mended, and on it goes.
  await writeFile(mail.apache.config, config);
  await mustBe(0, await mail.agent.run(['run', '--now']));
  const done = await whileAgentsRun(all, hub.run(['rollout', domain, '--continue']));
  expect(done.code, done.stderr).toBe(0);
  expect(done.stderr).toMatch(/^example\.org: batch 3: mx$/m);
  for (const one of all) expect(await one.shown()).toBe(after.fingerprint);
  expect((await hub.run(['show', domain])).stdout).toMatch(/^nobody is needed: 3 of 3 services/);
}, 120_000);

/** What an agent would tell of the version in its manifest. */
async function prove(agent: AgentRequests, state = 'serving'): Promise<string> {
  const { body } = await agent.send('GET', '/v1/agent/manifest');
  const [{ version }] = JSON.parse(body).certificates;
  const bundle = await agent.send('GET', `/v1/agent/bundles/${domain}`);
  expect(JSON.parse(bundle.body).version).toBe(version);
  const at = new Date().toISOString();
  const services = [{ service: 'apache', state, detail: 'seen', at }];
  const deployment = { certificate: domain, version, installed: true, detail: '', services };
  const told = await agent.send('POST', '/v1/agent/reports', {}, { deployments: [deployment] });
  expect(told.status).toBe(204);
  return version;
}

async function rolloutOf({ hub }: Estate) {
  const { stdout } = await hub.run(['rollout', domain, '--no-wait', '--json']);
  return JSON.parse(stdout).rollout;
}

test('a rollout goes on over Ctrl-C and over a hub that is killed, and who waits hears of its turn at once', async () => {
  await using estate = await openEstate();
  const { hub } = estate;
  const daemon = await hub.serve();
  await estate.delegate(domain);
  await mustBe(0, await hub.run(['issue', domain]));
  const agents = [];
  for (const name of ['a', 'b', 'c'])
    agents.push(await requestsOf(hub, await enrolled(estate, name)));
  const [a, b, c] = agents as [AgentRequests, AgentRequests, AgentRequests];
  for (const agent of agents) await prove(agent);
  const before = await newest(estate);

  const etag = await b.etag();
  const leave = new AbortController();
  const left = await hub.run(['rollout', domain, '--batch', '1'], {
    signal: leave.signal,
    onLine: (line) => void (line.includes('batch 1: a') && leave.abort()),
  });
  expect(left.code).toBe(3);
  expect(left.stderr).toContain('`hub rollout example.org` joins it');
  const after = await newest(estate);
  // Nothing has changed for who waits: an answer would be another run of each of thousands.
  expect(await b.etag()).toBe(etag);
  const waiting = b.hold(etag, 120).then(
    () => 'answered',
    () => 'cut',
  );

  await daemon.kill();
  expect(await waiting).toBe('cut');
  await hub.serve();
  expect(await rolloutOf(estate)).toMatchObject({ state: 'running', batch: 1, version: after.id });
  expect(await prove(b)).toBe(before.id);
  const turn = b.hold(await b.etag(), 120);
  expect(await prove(a)).toBe(after.id);
  const answer = await turn;
  expect(answer.status).toBe(200);
  expect(answer.afterMs).toBeLessThan(20_000);
  expect(JSON.parse(answer.body)).toMatchObject({ certificates: [{ version: after.id }] });

  // The same command joins it, and makes no other version.
  let joined = Promise.resolve<CommandResult | undefined>(undefined);
  await new Promise<void>((resolve) => {
    joined = hub.run(['rollout', domain, '--batch', '1'], {
      onLine: (line) => void (line.includes('batch 2: b') && resolve()),
    });
  });
  expect(await prove(b)).toBe(after.id);
  await expect.poll(() => prove(c), { timeout: 10_000, interval: 100 }).toBe(after.id);
  const told = await joined;
  expect(told?.code).toBe(0);
  expect(told?.stdout).toMatch(/proven +3$/m);
  expect((await newest(estate)).id).toBe(after.id);
}, 120_000);

test('each renewal goes out so where that was said, and a person’s word ends one', async () => {
  await using estate = await issued();
  const { hub } = estate;
  const agents = [];
  for (const name of ['a', 'b', 'c']) {
    agents.push(await requestsOf(hub, await enrolled(estate, name)));
  }
  const [a, , c] = agents as [AgentRequests, AgentRequests, AgentRequests];
  for (const agent of agents) await prove(agent);
  const after = await newest(estate);
  await mustBe(0, await hub.run(['rollout', domain, '--first', 'b,c', '--always']));
  expect((await hub.run(['renew', domain])).code).toBe(0);
  await expect.poll(async () => (await rolloutOf(estate)).batch, { timeout: 15_000 }).toBe(1);
  expect((await rolloutOf(estate)).underWay).toEqual(['b', 'c']);
  const third = await newest(estate);
  const watching = hub.run(['renew', domain, '--wait-deployed', '1s']);
  expect((await watching).code).toBe(4);
  expect((await watching).stderr).toContain('keep the version before until their turn');
  const fourth = await newest(estate);
  expect(fourth.id).not.toBe(third.id);
  await expect.poll(async () => (await rolloutOf(estate)).batch, { timeout: 15_000 }).toBe(1);
  expect(await prove(c, 'not-serving')).toBe(fourth.id);
  await expect
    .poll(async () => (await rolloutOf(estate)).state, { timeout: 5_000 })
    .toBe('stopped');
  expect(await prove(a)).toBe(after.id);
  await mustBe(0, await hub.run(['rollout', domain, '--back']));
  for (const agent of agents) expect([after.id, third.id]).toContain(await prove(agent));
  expect((await hub.run(['rollout', domain])).code).toBe(3);
  await mustBe(0, await hub.run(['rollout', domain, '--all']));
  for (const agent of agents) expect(await prove(agent)).toBe(fourth.id);
  await mustBe(0, await hub.run(['rollout', domain, '--never']));
  await mustBe(0, await hub.run(['renew', domain]));
  expect(await prove(a)).toBe((await newest(estate)).id);
  const client = await apiClient(hub, 'monitoring');
  const audit = await client.get(`/v1/audit?object=${domain}&limit=1000`);
  const actions = (audit.json['lines'] as { action: string }[]).map(({ action }) => action);
  for (const action of ['plan', 'batch', 'stopped', 'back', 'all', 'unplan'])
    expect(actions).toContain(`rollout.${action}`);
}, 120_000);

test('what can’t be rolled out is refused with what to do', async () => {
  await using estate = await issued();
  const { hub } = estate;
  await mustBe(0, await hub.run(['agent', 'add', 'web', '--cert', domain]));
  for (const [words, code, says] of [
    [['--continue', '--back'], 2, 'Give one of them at a time'],
    [['--batch', '1', '--stop'], 2, 'Give one of them at a time'],
    [['--always'], 2, 'Add --batch N'],
    [['--batch', '0'], 2, 'is not a number of agents'],
    [['--batch', '101%'], 2, 'is not a number of agents'],
    [['--first', 'web'], 1, 'there is no enrolled agent web'],
    [['--continue'], 1, 'went to all agents at once'],
  ] as const) {
    const answer = await hub.run(['rollout', domain, ...words]);
    expect([answer.code, answer.stderr], words.join(' ')).toEqual([
      code,
      expect.stringContaining(says),
    ]);
  }
  expect((await hub.run(['rollout', 'example.net', '--batch', '1'])).stderr).toContain(
    'there is no certificate example.net',
  );
  expect((await mustBe(0, await hub.run(['rollout', domain]))).stdout).toBe(
    'example.org: its newest version went to all agents at once\n',
  );
});
