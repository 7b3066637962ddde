import { execFileSync } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeAuthority } from './testing/authority.js';
import { startHub, type HubStandIn } from './testing/hub-stand-in.js';
import { makeMachine, type Machine } from './testing/machine.js';

describe('hub-agent enroll', () => {
  let hub: HubStandIn;
  let machine: Machine;
  beforeEach(async () => {
    hub = await startHub();
    machine = await makeMachine();
  });
  afterEach(async () => {
    await hub[Symbol.asyncDispose]();
    await machine[Symbol.asyncDispose]();
  });
  const enrolled = async (): Promise<boolean> =>
    (await readdir(machine.state).catch((): string[] => [])).includes('identity.json');

  it('refuses a token on the command line, and does not repeat it', async () => {
    const token = hub.token();
    const told = await machine.agent(['enroll', token]);
    expect(told).toMatchObject({ code: 2, err: expect.stringContaining('command line') });
    expect(told.err).not.toContain(token);
  });

  it.each(['', 'sixhub1.cut', 'hello'])('says what %j lacks', async (text) => {
    expect(await machine.agent(['enroll'], text)).toMatchObject({
      code: 2,
      err: expect.stringContaining('sixhub1.'),
    });
  });

  it('reads a token file', async () => {
    const file = join(machine.root, 'token');
    await writeFile(file, `${hub.token()}\n`);
    expect((await machine.agent(['enroll', '--token-file', file, '--json'])).code).toBe(0);
    expect(await enrolled()).toBe(true);
  });

  it('does not tell the secret to a hub with another CA', async () => {
    const other = await makeAuthority('Another CA');
    const told = await machine.agent(['enroll'], hub.token({ caSha256: other.sha256 }));
    expect(told).toMatchObject({ code: 1, err: expect.stringContaining('secret was not sent') });
    expect(hub.secrets).toEqual([]);
    expect(hub.requests).toEqual([]);
    expect(await enrolled()).toBe(false);
  });

  it('does not tell the secret to who shows the right CA beside a certificate of their own', async () => {
    const liar = await startHub(90, { shownCa: hub.ca });
    try {
      const token = hub.token({ hubs: [liar.url] });
      const told = await machine.agent(['enroll'], token);
      expect(told.code).toBe(4);
      expect(told.err).toContain('is not the hub');
      expect(liar.requests).toEqual([]);
    } finally {
      await liar[Symbol.asyncDispose]();
    }
  });

  it('goes on to the next address where one does not answer', async () => {
    const silent = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const address = silent.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    try {
      const hubs = ['https://127.0.0.1:1', `https://127.0.0.1:${port}`, hub.url];
      expect((await machine.agent(['enroll'], hub.token({ hubs }))).code).toBe(0);
    } finally {
      silent.close();
    }
    const nobody = await makeMachine();
    const told = await nobody.agent(['enroll'], hub.token({ hubs: ['https://127.0.0.1:1'] }));
    expect(told).toMatchObject({ code: 4, err: expect.stringContaining('connection refused') });
    await nobody[Symbol.asyncDispose]();
  });

  it('repeats with the same key after an answer that was lost, and the request is a real one', async () => {
    hub.loseNextAnswer();
    expect((await machine.agent(['enroll'], hub.token())).code).toBe(4);
    const key = await readFile(join(machine.state, 'enrolment-key.pem'), 'utf8');
    expect((await machine.agent(['enroll'], hub.token())).code).toBe(0);
    expect(JSON.parse(await readFile(join(machine.state, 'identity.json'), 'utf8'))).toMatchObject({
      agent: 'web',
      privateKey: key,
    });
    const [first = '', second = ''] = hub.csrs;
    const seen = execFileSync('openssl', ['req', '-verify', '-noout', '-pubkey'], {
      input: first,
      encoding: 'utf8',
    });
    expect(seen).toBe(
      execFileSync('openssl', ['req', '-noout', '-pubkey'], { input: second, encoding: 'utf8' }),
    );
  });

  it("shows the hub's own words about a token that is used up", async () => {
    hub.retireToken();
    expect(await machine.agent(['enroll'], hub.token())).toMatchObject({
      code: 1,
      err: expect.stringContaining('the join token is used up\n  Ask the hub.'),
    });
  });
});

describe('the identity', () => {
  it('is renewed at half of its life, with a new key and the same CA', async () => {
    await using hub = await startHub(1);
    await using machine = await makeMachine();
    await machine.agent(['enroll'], hub.token());
    const path = join(machine.state, 'identity.json');
    const first: unknown = JSON.parse(await readFile(path, 'utf8'));
    // Issued a day ago for two days: the stand-in's certificates begin a day in the past.
    const run = await machine.agent(['run']);
    expect(run).toMatchObject({ code: 0, err: expect.stringContaining('identity: renewed') });
    const second: unknown = JSON.parse(await readFile(path, 'utf8'));
    expect(second).toMatchObject({ agent: 'web', ca: hub.ca.pem.trim().concat('\n') });
    expect(second).not.toEqual(first);
    expect((await machine.agent(['run'])).code).toBe(0);
  });

  it('that has expired is said at once, with the way back in', async () => {
    await using hub = await startHub(-0.5);
    await using machine = await makeMachine();
    await machine.agent(['enroll'], hub.token());
    const asked = hub.requests.length;
    const run = await machine.agent(['run']);
    expect(run).toMatchObject({
      code: 1,
      err: expect.stringContaining('hub-agent enroll --again'),
    });
    expect(hub.requests).toHaveLength(asked);
    expect((await machine.agent(['enroll', '--again'], hub.token())).code).toBe(0);
  });

  it('is missing before enrolment', async () => {
    await using machine = await makeMachine();
    expect(await machine.agent(['run'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('not enrolled'),
    });
  });
});
