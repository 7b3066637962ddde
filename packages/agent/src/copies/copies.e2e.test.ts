import { once } from 'node:events';
import { watch } from 'node:fs';
import {
  chmod,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { runProgram } from '@sixhub/base';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeApache, type Apache } from '../testing/apache.js';
import { makeAuthority, type Authority, type Issued } from '../testing/authority.js';
import { startHub, type HubStandIn } from '../testing/hub-stand-in.js';
import { makeMachine, type Machine } from '../testing/machine.js';

describe('copies through the real agent', () => {
  let hub: HubStandIn;
  let machine: Machine;
  let apache: Apache;
  let issuer: Authority;
  let place: string;
  let joined: string;
  let store: string;

  beforeAll(async () => {
    hub = await startHub();
    machine = await makeMachine();
    issuer = await makeAuthority();
    apache = await makeApache(machine.root, machine.live, [
      { name: 'www.example.org', certificate: 'example.org' },
    ]);
    place = join(machine.root, 'place');
    [joined, store] = [join(place, 'joined.pem'), join(place, 'store.p12')];
    await mkdir(place);
    await chmod(machine.root, 0o711); // for who reads as another user
    await writeFile(join(machine.root, 'password'), 'long enough\n', { mode: 0o600 });
    await configure({});
    await machine.agent(['enroll'], hub.token());
  });
  afterAll(async () => {
    await apache[Symbol.asyncDispose]();
    await hub[Symbol.asyncDispose]();
    await machine[Symbol.asyncDispose]();
  });

  const configure = (named: { readonly check?: readonly string[] }): Promise<void> =>
    machine.configure(`
[[service]]
kind = "apache"
certificates = ["example.org"]
connect = ["${apache.address}"]
names = ["www.example.org"]
check = ${JSON.stringify(named.check ?? apache.check)}
reload = ${JSON.stringify(apache.reload)}
grace = "3s"

[[certificate]]
name = "example.org"
group = "www-data"
  [[certificate.copy]]
  path = "${joined}"
  form = "joined"
  owner = "www-data"
  group = "www-data"
  mode = "0440"
  [[certificate.copy]]
  path = "${store}"
  form = "pkcs12-3des"
  password_file = "${machine.root}/password"
`);
  const offer = async (
    change: Partial<Parameters<Authority['issue']>[0]> = {},
  ): Promise<Issued> => {
    const issued = await issuer.issue({ names: ['www.example.org'], ...change });
    hub.offer('example.org', issued, '');
    return issued;
  };
  /** Both copies are whole and of this version. */
  const expectCopies = async (issued: Issued): Promise<void> => {
    expect(await readFile(joined, 'utf8')).toBe(`${issued.certificate}${issued.privateKey}\n`);
    expect(await keyInStore()).toContain(issued.privateKey.trim());
    expect(await readdir(place)).toEqual(['joined.pem', 'store.p12']);
  };
  const keyInStore = async (): Promise<string> => {
    const read = ['pkcs12', '-in', store, '-passin', `file:${machine.root}/password`];
    const result = await runProgram('openssl', [...read, '-nocerts', '-nodes']);
    return result.kind === 'exited' ? result.stdout : result.kind;
  };
  const rightsOf = async (path: string): Promise<string> => {
    const { uid, gid, mode } = await stat(path);
    return `${uid}:${gid} ${(mode & 0o777).toString(8)}`;
  };

  it('puts them in place with the first version, for whom agent.toml says', async () => {
    const issued = await offer();
    const run = await machine.agent(['run']);
    expect(run).toMatchObject({ code: 0 });
    await expectCopies(issued);
    expect(await rightsOf(joined)).toBe('33:33 440');
    expect(await rightsOf(store)).toBe('0:0 600');
    const key = join(machine.live, 'example.org', 'privkey.pem');
    expect(await rightsOf(key)).toBe('0:33 640');
    const read = await runProgram('setpriv', [
      ...['--reuid=65534', '--regid=33', '--clear-groups', 'head', '-1', key],
    ]);
    expect(read).toMatchObject({ code: 0, stdout: expect.stringContaining('PRIVATE KEY') });
  });

  it('changes nothing, not even a time stamp, when there is nothing to do', async () => {
    const before = await snapshot(machine.root);
    const run = await machine.agent(['run']);
    expect(run).toMatchObject({ code: 0, err: '', out: expect.stringContaining('nothing to do') });
    expect(await snapshot(machine.root)).toEqual(before);
  });

  it('puts right what was changed by hand, tells it, and reloads', async () => {
    const issued = await offer();
    await machine.agent(['run']);
    const link = await readlink(join(machine.live, 'example.org'));
    await writeFile(joined, 'mine');
    const status = await machine.agent(['status']);
    expect(status.out).toContain('amiss');
    expect(status.out).toContain('was changed');
    const run = await machine.agent(['run']);
    expect(run.err).toContain(`put right: ${joined} was changed`);
    expect(run.err).toContain('apache: reloaded');
    expect(run.code).toBe(0);
    await expectCopies(issued);
    expect(await readlink(join(machine.live, 'example.org'))).toBe(link);

    await chmod(join(machine.live, 'example.org', 'privkey.pem'), 0o600);
    expect((await machine.agent(['run'])).err).toContain(
      'put right: privkey.pem has the mode 0600',
    );
    expect(await readlink(join(machine.live, 'example.org'))).toBe(`${link}.2`);
    expect((await machine.agent(['run'])).err).toBe('');
  });

  it('takes them back with the version that the service dies of', async () => {
    const old = await offer();
    expect((await machine.agent(['run'])).code).toBe(0);
    await offer({ weak: true });
    const run = await machine.agent(['run']);
    expect(run.code).toBe(1);
    expect(run.err).toContain('apache: reloaded with the version before');
    await expectCopies(old);
    expect(hub.reports.at(-1)?.deployments[0]?.services[0]?.state).toBe('rolled-back');
    expect(await rightsOf(joined)).toBe('33:33 440');
  });

  it('takes the certificate back where a copy can not be put in place', async () => {
    const old = await offer();
    expect((await machine.agent(['run'])).code).toBe(0);
    const link = await readlink(join(machine.live, 'example.org'));
    // Between staging and switch only the service's own check runs: it takes the place of the second copy.
    const block = `rm -f ${store}; mkdir -p ${store}/x`;
    await configure({ check: ['sh', '-c', block] });
    await offer();
    const run = await machine.agent(['run']);
    expect(run.err).toContain('a copy could not be put in place');
    expect(run.code).toBe(1);
    expect(await readlink(join(machine.live, 'example.org'))).toBe(link);
    expect(await readFile(joined, 'utf8')).toContain(old.certificate);
    expect(hub.reports.at(-1)?.deployments[0]).toMatchObject({ installed: false });
    await rm(store, { recursive: true });
    await configure({});
    expect(await machine.agent(['run', '--now'])).toMatchObject({ code: 0 });
  });

  it('switches nothing where a copy can not be made, says what to do, and does it when that is done', async () => {
    const old = await offer();
    expect((await machine.agent(['run'])).code).toBe(0);
    const link = await readlink(join(machine.live, 'example.org'));
    await chmod(join(machine.root, 'password'), 0o644);
    const issued = await offer();
    const run = await machine.agent(['run']);
    expect(run).toMatchObject({ code: 1, out: expect.stringContaining('chmod o=') });
    expect(await readlink(join(machine.live, 'example.org'))).toBe(link);
    await expectCopies(old);
    await chmod(join(machine.root, 'password'), 0o600);
    expect((await machine.agent(['run', '--now'])).code).toBe(0);
    await expectCopies(issued);
  });

  it('leaves the old or the new copy whole, wherever it is killed, and the next run ends the work', async () => {
    let before = await offer();
    expect((await machine.agent(['run', '--now'])).code).toBe(0);
    const texts = (issued: Issued): string => `${issued.certificate}${issued.privateKey}\n`;
    const between = { before: 0, half: 0, after: 0 };
    // Killed at each thing that happens beside the copies' places, from the first byte to after the last rename.
    for (let event = 1; event <= 18; event++) {
      const after = await offer();
      const run = machine.spawnAgent(['run']);
      const ended = once(run, 'exit');
      let seen = 0;
      const watcher = watch(place, () => {
        seen++;
        if (seen === event) run.kill('SIGKILL');
      });
      await ended;
      watcher.close();
      const pem = await readFile(joined, 'utf8');
      const key = await keyInStore();
      expect([texts(before), texts(after)]).toContain(pem);
      const both = [before, after].filter((each) => key.includes(each.privateKey.trim()));
      expect(both).toHaveLength(1);
      const [fresh, stored] = [pem === texts(after), both[0] === after];
      between[fresh === stored ? (fresh ? 'after' : 'before') : 'half']++;
      expect(await machine.agent(['run'])).toMatchObject({ code: 0 });
      await expectCopies(after);
      expect(await readdir(machine.state)).not.toContain('workshop');
      before = after;
    }
    // Kills that all came too early or too late would have shown nothing.
    expect(between.before).toBeGreaterThan(0);
    expect(between.after).toBeGreaterThan(0);
  }, 240_000);
});

/** Each path of the agent's with its content or target, and its times of change. */
async function snapshot(root: string): Promise<readonly string[]> {
  const entries = await readdir(root, { recursive: true });
  const lines = entries
    .filter((entry) => /^(state|letsencrypt|place|password)/.test(entry))
    .map(async (entry) => {
      const found = await lstat(join(root, entry));
      return `${entry} ${found.mtimeMs} ${found.ctimeMs} ${found.ino}`;
    });
  return (await Promise.all(lines)).sort();
}
