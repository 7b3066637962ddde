import { execFileSync } from 'node:child_process';
import { lstat, readdir, readFile, readlink, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeApache, type Apache } from './testing/apache.js';
import { makeAuthority, type Authority } from './testing/authority.js';
import { startHub, type HubStandIn } from './testing/hub-stand-in.js';
import { makeMachine, type Machine } from './testing/machine.js';
import { olderNode } from './testing/older-node.js';

/** Debian 12 and Ubuntu 24.04 have an older Node than the one that this is built with. */
const nodes = { 'this Node': () => undefined, 'the oldest Node': olderNode };

describe.each(Object.entries(nodes))('enroll, run, status with a real Apache, on %s', (_, node) => {
  let hub: HubStandIn;
  let machine: Machine;
  let apache: Apache;
  let issuer: Authority;

  beforeAll(async () => {
    hub = await startHub();
    machine = await makeMachine(await node());
    issuer = await (await makeAuthority()).intermediate();
    apache = await makeApache(machine.root, machine.live, [
      { name: 'www.example.org', certificate: 'example.org' },
    ]);
    await configureService({});
  });
  afterAll(async () => {
    await apache[Symbol.asyncDispose]();
    await hub[Symbol.asyncDispose]();
    await machine[Symbol.asyncDispose]();
  });

  const configureService = (named: { readonly check?: readonly string[] }): Promise<void> =>
    machine.configure(`
[[service]]
kind = "apache"
certificates = ["example.org"]
connect = ["${apache.address}"]
names = ["www.example.org"]
check = ${JSON.stringify(named.check ?? apache.check)}
reload = ${JSON.stringify(apache.reload)}
grace = "3s"
`);
  const offer = async (
    change: Parameters<Authority['issue']>[0] = { names: ['example.org', '*.example.org'] },
  ): Promise<string> => hub.offer('example.org', await issuer.issue(change), issuer.pem);
  const served = (): string =>
    execFileSync(
      'sh',
      [
        '-c',
        `openssl s_client -connect ${apache.address} -servername www.example.org </dev/null 2>/dev/null | openssl x509 -noout -fingerprint -sha256`,
      ],
      { encoding: 'utf8' },
    )
      .trim()
      .split('=')[1]
      ?.replaceAll(':', '')
      .toLowerCase() ?? '';
  const lastState = (): unknown => hub.reports.at(-1)?.deployments[0]?.services[0]?.state;

  it('says what to do where the machine is not enrolled', async () => {
    expect(await machine.agent(['run'])).toMatchObject({
      code: 2,
      err: 'error: this machine is not enrolled at a hub yet\n  Run `hub agent add NAME --cert CERTIFICATE` on the hub, then `hub-agent enroll` here.\n',
    });
    expect(await readdir(machine.root)).not.toContain('state');
  });

  it('enrols with a token from standard input, and keeps the key to itself', async () => {
    const told = await machine.agent(['enroll'], hub.token());
    expect(told).toMatchObject({ code: 0, out: expect.stringContaining("This machine is 'web'") });
    expect((await stat(join(machine.state, 'identity.json'))).mode & 0o777).toBe(0o600);
    expect(await readdir(machine.state)).toEqual(['identity.json']);
    const again = await machine.agent(['enroll'], hub.token());
    expect(again).toMatchObject({ code: 1, err: expect.stringContaining('enrolled already') });
  });

  it('installs the first version, which the service could not do without, and starts to prove it', async () => {
    const version = await offer();
    const run = await machine.agent(['run']);
    expect(run.err).toContain(`installed version ${version}`);
    expect(run).toMatchObject({ code: 0 });
    expect(await readlink(join(machine.live, 'example.org'))).toBe(
      `../sixhub/example.org/${version}`,
    );
    expect(lastState()).toBe('serving');
  });

  it('changes nothing on disk, not even a time stamp, when there is nothing to do', async () => {
    const before = await snapshot(machine.root);
    const looks = hub.requests.length;
    const run = await machine.agent(['run']);
    expect(run).toMatchObject({ code: 0, err: '', out: expect.stringContaining('nothing to do') });
    expect(await snapshot(machine.root)).toEqual(before);
    expect(hub.requests.slice(looks)).toEqual(['GET /v1/agent/manifest']);
  });

  it('switches a running service to a new version with one link and one reload', async () => {
    const version = await offer();
    const before = await lstat(join(machine.live, 'example.org'));
    const run = await machine.agent(['run', '--json']);
    expect(run).toMatchObject({ code: 0 });
    expect(run.err.match(/apache: reloaded/g)).toHaveLength(1);
    expect(JSON.parse(run.out)).toMatchObject({
      agent: 'web',
      certificates: [{ name: 'example.org', version, did: 'install', installed: true }],
    });
    expect(before.isSymbolicLink()).toBe(true);
    expect(served()).toBe(hub.wanted('example.org').fingerprint);
    const key = join(machine.versions, 'example.org', version, 'privkey.pem');
    expect((await stat(key)).mode & 0o777).toBe(0o600);
    expect((await stat(join(key, '..'))).mode & 0o777).toBe(0o700);
  });

  it('leaves a service alone that its owner broke, and its certificate too', async () => {
    const served0 = served();
    const link = await readlink(join(machine.live, 'example.org'));
    await apache.configure('NoSuchDirective on');
    await offer();
    const run = await machine.agent(['run']);
    expect(run.code).toBe(1);
    expect(run.out).toContain('NoSuchDirective');
    expect(lastState()).toBe('broken-before');
    expect(hub.reports.at(-1)?.deployments[0]?.installed).toBe(false);
    expect(served()).toBe(served0);
    expect(await readlink(join(machine.live, 'example.org'))).toBe(link);

    const waiting = await machine.agent(['run']);
    expect(waiting).toMatchObject({ code: 1, err: '' });
    await apache.configure('');
    const mended = await machine.agent(['run', '--now']);
    expect(mended.code).toBe(0);
    expect(served()).toBe(hub.wanted('example.org').fingerprint);
  });

  it('goes back when the service dies of the new version, and proves the old one', async () => {
    const old = served();
    await offer({ names: ['example.org'], weak: true });
    const run = await machine.agent(['run']);
    expect(run.err).toContain('apache: reloaded with the version before');
    expect(run.code).toBe(1);
    expect(lastState()).toBe('rolled-back');
    expect(hub.reports.at(-1)?.deployments[0]?.installed).toBe(false);
    expect(served()).toBe(old);
    // Tried again without asking the hub for it anew.
    const asked = hub.requests.length;
    await machine.agent(['run', '--now']);
    expect(hub.requests.slice(asked)).not.toContain('GET /v1/agent/bundles/example.org');
    expect(served()).toBe(old);
  });

  it('goes back before any reload when the check after the switch refuses', async () => {
    const old = served();
    const checkHost = `apache2 -t -f ${apache.configFile} && openssl x509 -noout -checkhost www.example.org -in ${machine.live}/example.org/cert.pem | grep -q 'does match'`;
    await configureService({ check: ['sh', '-c', checkHost] });
    await offer({ names: ['example.org'] });
    const run = await machine.agent(['run']);
    expect(run.err).not.toContain('apache: reloaded');
    expect(lastState()).toBe('rolled-back');
    expect(served()).toBe(old);
    await configureService({});
  });

  it.each([
    ['a key of another certificate', 'private key does not belong'],
    ['another name', 'lacks'],
    ['a broken chain', 'did not issue'],
    ['half a bundle', 'not complete'],
  ])('refuses %s before a byte is written', async (what, words) => {
    const trees = await snapshot(machine.versions);
    const good = await issuer.issue({ names: ['example.org'] });
    const other = await issuer.issue({ names: ['www.example.org'] });
    const root = (await makeAuthority()).pem;
    switch (what) {
      case 'a key of another certificate':
        hub.offer('example.org', { ...good, privateKey: other.privateKey }, issuer.pem);
        break;
      case 'another name':
        hub.offer('example.org', { ...good, names: ['example.org', 'a.example.org'] }, issuer.pem);
        break;
      case 'a broken chain':
        hub.offer('example.org', good, root);
        break;
      default:
        hub.offer('example.org', good, issuer.pem, { certificate: undefined });
    }
    const run = await machine.agent(['run']);
    expect(run.code).toBe(1);
    expect(run.out).toContain(words);
    expect(await snapshot(machine.versions)).toEqual(trees);
    expect(hub.reports.at(-1)?.deployments[0]).toMatchObject({ installed: false, services: [] });
  });

  it('leaves everything as it is when the hub says no, or can not be reached', async () => {
    const before = await snapshot(machine.root);
    hub.refuse(403);
    expect(await machine.agent(['run'])).toMatchObject({
      code: 1,
      err: expect.stringContaining("the agent 'web' was removed\n  Ask the hub."),
    });
    hub.refuse(undefined);
    await hub.stop();
    const run = await machine.agent(['run']);
    expect(run).toMatchObject({ code: 4, err: expect.stringContaining('connection refused') });
    expect(await snapshot(machine.root)).toEqual(before);
  });

  it('tells from this machine alone how things are', async () => {
    const told = await machine.agent(['status', '--json']);
    expect(JSON.parse(told.out)).toMatchObject({
      identity: { agent: 'web', hubs: [hub.url] },
      certificates: [{ name: 'example.org', installed: 'whole', current: false }],
    });
    expect((await machine.agent(['status'])).out).toContain('outdated');
  });
});

/** Each path with its content or target and its time of change. */
async function snapshot(root: string): Promise<readonly string[]> {
  const entries = await readdir(root, { recursive: true });
  const lines = entries
    .filter((entry) => !/logs|ssl-cache|apache\.|rewrite|^proxy|agent\.toml/.test(entry))
    .map(async (entry) => {
      const path = join(root, entry);
      const found = await lstat(path);
      const content = found.isFile() ? await readFile(path, 'utf8') : '';
      return `${entry} ${found.mtimeMs} ${found.ino} ${content}`;
    });
  return (await Promise.all(lines)).sort();
}
