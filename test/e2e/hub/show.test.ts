import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  apiClient,
  makeAgent,
  mustBe,
  openEstate,
  startApache,
  type AgentHouse,
  type Estate,
} from '../../lab/index.js';
import { openHouse } from '../api/house.js';
import { requestsOf } from './agent-requests.js';

async function enrolled(
  { lab, hub }: Pick<Estate, 'lab' | 'hub'>,
  name: string,
  ...words: readonly string[]
): Promise<AgentHouse> {
  const { stdout: input } = await mustBe(0, await hub.run(['agent', 'add', name, ...words]));
  const house = await makeAgent(lab, name);
  await mustBe(0, await house.run(['enroll'], { input }));
  return house;
}

const domain = 'example.org';

async function shown({ hub }: Pick<Estate, 'hub'>, name = domain): Promise<readonly string[]> {
  return (await mustBe(0, await hub.run(['show', name]))).stdout.trimEnd().split('\n');
}

/** Renews, and lets the agent run until the hub has heard of it. */
async function renewed(estate: Estate, house: AgentHouse) {
  const waiting = estate.hub.run(['renew', domain, '--wait-deployed', '60s']);
  let done = false;
  void waiting.finally(() => (done = true));
  while (!done) await house.run(['run']);
  return waiting;
}

test('hub show tells first where a person is needed, in the words of the program there', async () => {
  await using estate = await openEstate();
  const { hub, lab } = estate;
  await hub.serve();
  await estate.delegate(domain);
  await mustBe(0, await hub.run(['issue', domain]));
  expect((await shown(estate))[0]).toBe('nobody is needed: no agent has it');

  const web = await enrolled(estate, 'web', '--cert', domain);
  expect(await shown(estate)).toEqual(
    expect.arrayContaining([
      'nobody is needed yet: web: has not reported yet',
      '  It comes by itself within a quarter of an hour; at once, on web: `hub-agent run`.',
    ]),
  );
  await mustBe(0, await web.run(['run']));
  expect((await shown(estate))[0]).toBe('nobody is needed: 1 of 1 machines have it installed');

  const certificate = join(web.live, domain);
  const site = { address: lab.address(), names: ['www.example.org'], certificate } as const;
  const apache = await startApache(lab, [site]);
  const service = { apache, certificates: [domain], names: ['www.example.org'] };
  await web.configure([service]);
  await mustBe(0, await web.run(['run', '--now']));
  expect((await shown(estate))[0]).toBe('nobody is needed: 1 of 1 services serve it');
  expect((await hub.run(['list'])).stdout).toMatch(/1 of 1 +nobody +ok/);

  // A reload that does nothing: the new version is not served, the one before is again.
  await web.configure([{ ...service, apache: { ...apache, reload: ['true'] } }]);
  const back = await renewed(estate, web);
  expect(back.code).toBe(1);
  expect(back.stdout).toMatch(/needs a person: web · apache: back at the version before since/);
  expect(back.stdout).toContain('On web: see `hub-agent status`, mend apache');
  expect((await hub.run(['list'])).stdout).toMatch(/0 of 1 +you: web +ok/);

  // Its owner has broken the configuration: the agent leaves it alone, and its own words are here.
  const config = await readFile(apache.config, 'utf8');
  await writeFile(apache.config, `${config}\nNoSuchDirective on\n`);
  await web.configure([service]);
  const broken = await renewed(estate, web);
  expect(broken.code).toBe(1);
  const words = await shown(estate);
  expect(words[0]).toMatch(/^needs a person: web · apache: left alone, its own configuration is/);
  expect(words.join('\n')).toContain("Invalid command 'NoSuchDirective'");
  expect(words).toContainEqual(
    expect.stringMatching(/^ {2}On web: mend the configuration of apache, then `hub-agent run/),
  );

  // Mended, and run as it was told there.
  await writeFile(apache.config, config);
  await mustBe(0, await web.run(['run', '--now']));
  const mended = await shown(estate);
  expect(mended[0]).toBe('nobody is needed: 1 of 1 services serve it');
  expect(mended.join('\n')).toContain('    last trouble, ');
  expect(mended.join('\n')).toContain("Invalid command 'NoSuchDirective'");

  await apache[Symbol.asyncDispose]();
  await web.configure([{ ...service, apache: { ...apache, reload: ['true'] } }]);
  const down = await renewed(estate, web);
  expect(down.code).toBe(1);
  expect((await shown(estate))[0]).toMatch(/^needs a person: web · apache: not serving since/);

  // The same facts for programs.
  const client = await apiClient(hub, 'monitoring');
  const fact = { agent: 'web', service: 'apache', state: 'not-serving', needs: 'person' };
  const remedy = expect.stringContaining('On web:');
  for (const path of ['/v1/certificates/example.org', '/v1/agents/web']) {
    expect((await client.get(path)).json).toMatchObject({ standings: [{ ...fact, remedy }] });
  }
  const listed = await client.get('/v1/deployments?state=not-serving');
  expect(listed.json).toMatchObject({ deployments: [{ standings: [fact] }] });
  expect((await client.get('/v1/deployments?state=serving')).json).toMatchObject({
    deployments: [],
  });
  expect((await client.get('/v1/deployments?state=bad')).status).toBe(400);
  const metrics = await apiClient(hub, 'prometheus', '--scope', 'metrics');
  const { body } = await metrics.get('/metrics');
  const [since] = JSON.parse((await hub.run(['show', domain, '--json'])).stdout).standings;
  expect(body).toContain(
    `sixhub_deployment_not_serving_since_timestamp_seconds{agent="web",certificate="${domain}"} ${Date.parse(since.since) / 1_000}\n`,
  );
  expect(body).toContain('sixhub_services_failing{state="not-serving"} 1\n');
  expect(body).toContain('sixhub_services_failing{state="rolled-back"} 0\n');
  expect(body).toMatch(/sixhub_agent_last_report_timestamp_seconds\{agent="web"\} 1\d{9}/);
  expect((await hub.run(['agent', 'show', 'web'])).stdout).toMatch(
    /^needs a person: example.org · apache: not serving since/,
  );
});

test('an agent that says nothing, and what nobody was given, are told with what to do', async () => {
  await using house = await openHouse();
  const { hub } = house;
  await hub.serve();
  await house.sql(`INSERT INTO certificates (name, names, key_kind, reuse_key, created_at)
    VALUES ('${domain}', '["${domain}"]', 'p256', 0, '2026-01-01T00:00:00.000Z')`);
  await mustBe(0, await hub.run(['agent', 'add', 'mail', '--cert', domain]));
  expect(await shown(house)).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^needs a person: mail: not enrolled since \d\d:\d\d:\d\d$/),
      '  On the hub: `hub agent add mail` prints a token. On mail: `hub-agent enroll` takes it.',
    ]),
  );
  expect((await hub.run(['list'])).stdout).toContain('you: mail');

  // A service names it, which has no grant.
  const web = await enrolled(house, 'web');
  const asked = await requestsOf(hub, web);
  const missing = [{ service: 'apache', certificate: domain }];
  const report = (body: unknown) => asked.send('POST', '/v1/agent/reports', {}, body);
  expect((await report({ deployments: [], missing })).status).toBe(204);
  const wanted = await shown(house);
  expect(wanted).toContain('needs a person: web · apache: names it, and has no grant');
  expect(wanted.join('\n')).toContain(`\`hub agent grant web ${domain}\``);
  expect((await report({ deployments: [] })).status).toBe(204);
  expect(await shown(house)).toEqual(wanted); // nothing was said of it: as it was
  expect((await report({ deployments: [], missing: [] })).status).toBe(204);
  expect((await shown(house)).join('\n')).not.toContain('web');

  await mustBe(0, await hub.run(['agent', 'grant', 'web', domain]));
  await house.sql("UPDATE agents SET silent = 1, last_seen_at = '2026-01-02T00:00:00.000Z'");
  await house.sql("UPDATE agents SET silent = 1 WHERE name = 'web'");
  const silent = await mustBe(0, await hub.run(['agent', 'show', 'web']));
  expect(silent.stdout).toMatch(/^needs a person: web: silent since 2026-01-0[12] \d\d:\d\d\n/);
  expect(silent.stdout).toContain('`systemctl status sixhub-agent.timer`');
  expect(silent.stdout).toContain('`hub agent remove web`');
});

test('an agent tells of what its services name and the hub does not give, once and when it changes', async () => {
  await using estate = await openEstate();
  const { hub, lab } = estate;
  await hub.serve();
  await estate.delegate(domain);
  await mustBe(0, await hub.run(['issue', domain]));
  const web = await enrolled(estate, 'web');
  const certificate = join(web.live, domain);
  const site = { address: lab.address(), names: ['www.example.org'], certificate } as const;
  const apache = { check: ['true'], reload: ['true'], endpoints: [`${site.address}:24143`] };
  await web.configure([{ apache, certificates: [domain] }]);
  await mustBe(0, await web.run(['run']));
  expect((await shown(estate))[0]).toBe('needs a person: web · apache: names it, and has no grant');
  await web.configure([]);
  await mustBe(0, await web.run(['run']));
  expect((await shown(estate))[0]).toBe('nobody is needed: no agent has it');
  // The hub keeps a removed machine in mind for as long as what it has is good.
  await mustBe(0, await hub.run(['agent', 'grant', 'web', domain]));
  await mustBe(0, await web.run(['run']));
  await mustBe(0, await hub.run(['agent', 'remove', 'web']));
  expect((await shown(estate)).at(-1)).toMatch(
    /^ {2}web · removed, gets no newer version since [\d:]+, heard of [\d:]+$/,
  );
  await rm(web.state, { recursive: true });
  await mustBe(0, await hub.run(['agent', 'add', 'web']));
  expect((await shown(estate)).join('\n')).not.toContain('web');
});
