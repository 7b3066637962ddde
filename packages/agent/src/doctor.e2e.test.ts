import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeApache, type Apache } from './testing/apache.js';
import { makeAuthority, type Authority } from './testing/authority.js';
import { startHub, type HubStandIn } from './testing/hub-stand-in.js';
import { makeMachine, type Machine } from './testing/machine.js';

/** Each trouble by itself, and nothing touched. */

let hub: HubStandIn;
let machine: Machine;
let issuer: Authority;
let apache: Apache;

beforeEach(async () => {
  hub = await startHub();
  machine = await makeMachine();
  issuer = await makeAuthority();
  apache = await makeApache(join(machine.root, 'web'), machine.live, [
    { name: 'example.org', certificate: 'example.org' },
  ]);
  await machine.configure(`
[[service]]
kind = "apache"
configuration = "${apache.configFile}"
certificates = ["example.org"]
reload = ${JSON.stringify(apache.reload)}
`);
});
afterEach(async () => {
  await apache[Symbol.asyncDispose]();
  await hub[Symbol.asyncDispose]();
  await machine[Symbol.asyncDispose]();
});

interface Examined {
  readonly about: string;
  readonly subject: string;
  readonly findings: readonly { readonly state: string; readonly what: string }[];
}

async function examined(): Promise<{ readonly code: number; readonly wrong: readonly string[] }> {
  const { code, out } = await machine.agent(['doctor', '--json']);
  const lines = out.trimEnd().split('\n');
  const all = lines.map((line): Examined => JSON.parse(line));
  const wrong = all.flatMap(({ about, findings }) =>
    findings.filter(({ state }) => state === 'wrong').map(({ what }) => `${about}: ${what}`),
  );
  return { code, wrong };
}

const offer = async (): Promise<string> =>
  hub.offer('example.org', await issuer.issue({ names: ['example.org'] }), '');

it('says of a machine that nobody knows how it becomes known', async () => {
  const { code, wrong } = await examined();
  expect(code).toBe(1);
  expect(wrong[0]).toBe('machine: it is not enrolled at a hub');
});

it('finds nothing wrong where all is served, and names where', async () => {
  await machine.agent(['enroll'], hub.token());
  await offer();
  expect(await machine.agent(['run'])).toMatchObject({ code: 0 });
  expect(await examined()).toEqual({ code: 0, wrong: [] });
  const { out } = await machine.agent(['doctor']);
  expect(out).toContain('ok    its own check of its configuration passes');
  expect(out.replaceAll(/\s+/g, ' ')).toContain(`example.org: served at ${apache.address}`);
  expect(out).toMatch(/\d+ ok, 0 wrong/);
});

it('names a new version that is not here, and installs nothing', async () => {
  await machine.agent(['enroll'], hub.token());
  await offer();
  await machine.agent(['run']);
  const version = await readFile(join(machine.live, 'example.org/cert.pem'), 'utf8');
  await offer();
  const reports = hub.reports.length;
  const { code, wrong } = await examined();
  expect(code).toBe(1);
  expect(wrong).toEqual([
    expect.stringMatching(/^certificate: installed is .*, and the hub has another version/),
    expect.stringMatching(/^service: example\.org: .* serves another certificate/),
  ]);
  expect(await readFile(join(machine.live, 'example.org/cert.pem'), 'utf8')).toBe(version);
  expect(hub.reports).toHaveLength(reports);
});

it('has the service’s own words, what is damaged, and an address at which nobody answers', async () => {
  await machine.agent(['enroll'], hub.token());
  await offer();
  await machine.agent(['run']);
  await writeFile(
    apache.configFile,
    `${await readFile(apache.configFile, 'utf8')}\nNoSuchDirective on\n`,
  );
  await rm(join(machine.live, 'example.org/chain.pem'));
  await hub[Symbol.asyncDispose]();
  const { code, wrong } = await examined();
  expect(code).toBe(1);
  expect(wrong).toEqual([
    expect.stringMatching(/^hub: no hub can be reached: connection refused/),
    expect.stringMatching(/^certificate: what is installed is damaged: .*chain\.pem/),
    expect.stringContaining('NoSuchDirective'),
    expect.stringContaining("its configuration can't be read"),
  ]);
});

it('says whose a certificate is that the hub does not give', async () => {
  await machine.agent(['enroll'], hub.token());
  const { wrong } = await examined();
  expect(wrong).toContain(
    'certificate: the hub does not give it to this machine, and agent.toml binds it to apache',
  );
});
