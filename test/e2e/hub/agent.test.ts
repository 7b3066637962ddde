import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { request } from 'node:https';
import { expect, test } from 'vitest';
import { makeAgent, startApache, mustBe, openEstate, type Estate } from '../../lab/index.js';

async function issued(): Promise<Estate> {
  const estate = await openEstate();
  await estate.hub.serve();
  await estate.delegate('example.org');
  await mustBe(0, await estate.hub.run(['issue', 'example.org']));
  return estate;
}

async function audit(
  estate: Estate,
): Promise<readonly { action: string; object: string; detail: string }[]> {
  const token = (
    await mustBe(0, await estate.hub.run(['token', 'add', `t${Date.now()}`]))
  ).stdout.trim();
  const ca = await readFile(join(estate.hub.config, '..', 'ca.pem'));
  return new Promise((resolve, reject) => {
    request(
      `${estate.hub.apiUrl}/v1/audit`,
      { ca, headers: { Authorization: `Bearer ${token}` }, agent: false },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', () => resolve(JSON.parse(Buffer.concat(chunks).toString()).lines));
      },
    )
      .on('error', reject)
      .end();
  });
}

test('an invited agent installs what it was granted, Apache serves it, and the hub knows', async () => {
  await using estate = await issued();
  const { hub, lab } = estate;
  const agent = await makeAgent(lab, 'web');
  const { stdout: token } = await mustBe(
    0,
    await hub.run(['agent', 'add', 'web', '--cert', 'example.org']),
  );
  await mustBe(0, await agent.run(['enroll'], { input: token }));
  await mustBe(0, await agent.run(['run']));
  const certificate = join(agent.live, 'example.org');
  const apache = await startApache(lab, [
    { address: lab.address(), names: ['www.example.org'], certificate },
  ]);
  await agent.configure([{ apache, certificates: ['example.org'], names: ['www.example.org'] }]);
  const renewed = hub.run(['renew', 'example.org', '--wait-deployed', '30s']);
  // The timer's runs, until the hub has heard that the new version is served.
  let done = false;
  void renewed.then(() => (done = true));
  while (!done) await mustBe(0, await agent.run(['run']));
  const told = await mustBe(0, await renewed);
  expect(told.stdout).toMatch(/web · apache · serving since/);
  expect((await hub.run(['list'])).stdout).toContain('1 of 1');
});

test('a join token is worth something once, for one key; its refusal says what to do', async () => {
  await using estate = await issued();
  const { hub, lab } = estate;
  const { stdout: token } = await mustBe(
    0,
    await hub.run(['agent', 'add', 'web', '--cert', 'example.org']),
  );
  const first = await makeAgent(lab, 'web');
  const second = await makeAgent(lab, 'thief');
  await mustBe(0, await first.run(['enroll'], { input: token }));
  const refused = await second.run(['enroll'], { input: token });
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain('used already');
  expect(refused.stderr).toContain('hub agent add web');
  const lines = await audit(estate);
  expect(lines).toContainEqual(
    expect.objectContaining({ action: 'agent.enrol-refused', object: 'web', detail: 'token-used' }),
  );
});

test('without a grant there is no certificate: 403, audited; a removed agent is cut off', async () => {
  await using estate = await issued();
  const { hub, lab } = estate;
  const { stdout: token } = await mustBe(0, await hub.run(['agent', 'add', 'web']));
  const agent = await makeAgent(lab, 'web');
  await mustBe(0, await agent.run(['enroll'], { input: token }));
  await mkdir(agent.state, { recursive: true });
  const identity = JSON.parse(await readFile(join(agent.state, 'identity.json'), 'utf8'));
  const ask = (path: string) =>
    new Promise<{ status: number | undefined; body: string }>((resolve, reject) => {
      request(
        `${hub.agentsUrl}${path}`,
        {
          agent: false,
          ca: identity.ca,
          cert: identity.certificate,
          key: identity.privateKey ?? identity.key,
          servername: 'hub.sixhub.internal',
        },
        (answer) => {
          const chunks: Buffer[] = [];
          answer.on('data', (chunk: Buffer) => chunks.push(chunk));
          answer.on('end', () =>
            resolve({ status: answer.statusCode, body: Buffer.concat(chunks).toString() }),
          );
        },
      )
        .on('error', reject)
        .end();
    });
  expect(JSON.parse((await ask('/v1/agent/manifest')).body)).toMatchObject({ certificates: [] });
  const refused = await ask('/v1/agent/bundles/example.org');
  expect(refused.status).toBe(403);
  expect(refused.body).not.toContain('PRIVATE KEY');
  expect(JSON.parse(refused.body)).toMatchObject({
    code: 'no-grant',
    hint: 'On the hub: hub agent grant web example.org',
  });
  expect(await audit(estate)).toContainEqual(
    expect.objectContaining({ action: 'bundle.refused', object: 'example.org' }),
  );
  const escape = await ask('/v1/agent/bundles/..%2f..%2fmaster.key');
  expect(escape.status).toBe(400);

  await mustBe(0, await hub.run(['agent', 'grant', 'web', 'example.org']));
  expect((await ask('/v1/agent/bundles/example.org')).status).toBe(200);
  await mustBe(0, await hub.run(['agent', 'remove', 'web']));
  expect((await ask('/v1/agent/manifest')).status).toBe(401);
  const run = await agent.run(['run']);
  expect(run.code).not.toBe(0);
  expect(run.stderr).toContain('not known here any more');
});

test('nobody without a client certificate gets past enrolment', async () => {
  await using estate = await issued();
  const ca = await readFile(join(estate.hub.config, '..', 'ca.pem'));
  const status = await new Promise<number | undefined>((resolve, reject) => {
    request(
      `${estate.hub.agentsUrl}/v1/agent/manifest`,
      { agent: false, ca, servername: 'hub.sixhub.internal' },
      (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      },
    )
      .on('error', reject)
      .end();
  });
  expect(status).toBe(401);
});
