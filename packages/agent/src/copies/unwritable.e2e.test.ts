import { mkdir, readdir, readFile, readlink, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runProgram } from '@sixhub/base';
import { expect, it } from 'vitest';
import { makeAuthority } from '../testing/authority.js';
import { startHub } from '../testing/hub-stand-in.js';
import { makeMachine } from '../testing/machine.js';

const main = fileURLToPath(new URL('../../bin/hub-agent.js', import.meta.url));
/** Mounts of the test are seen by the agent alone, and end with it. */
it.each([
  ['a full disk', 'mount -t tmpfs -o size=4k none "$0" && echo > "$0"/filling', 'ENOSPC'],
  [
    'a read-only one',
    'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0"',
    'hub-agent detect --write',
  ],
])('%s at the place of a copy leaves the version before, whole', async (_what, mount, words) => {
  await using hub = await startHub();
  await using machine = await makeMachine();
  const issuer = await makeAuthority();
  const place = join(machine.root, 'place');
  await mkdir(place);
  await machine.configure(`
[[certificate]]
name = "example.org"
[[certificate.copy]]
path = "${place}/joined.pem"
form = "joined"
`);
  await machine.agent(['enroll'], hub.token());
  hub.offer('example.org', await issuer.issue({ names: ['example.org'] }), '');
  expect(await machine.agent(['run'])).toMatchObject({ code: 0 });
  const link = await readlink(join(machine.live, 'example.org'));
  hub.offer('example.org', await issuer.issue({ names: ['example.org'] }), '');

  const run = await runProgram('unshare', [
    ...['-m', 'sh', '-c', `${mount} && exec "$@"`, place],
    ...[process.execPath, main, 'run', '--config', join(machine.root, 'agent.toml')],
  ]);
  expect(run).toMatchObject({ code: 1, stdout: expect.stringContaining(words) });
  expect(await readlink(join(machine.live, 'example.org'))).toBe(link);
  expect(await readdir(place)).toEqual(['joined.pem']);

  expect(await machine.agent(['run', '--now'])).toMatchObject({ code: 0 });
  expect(await readlink(join(machine.live, 'example.org'))).not.toBe(link);
  expect(await machine.agent(['run'])).toMatchObject({ code: 0, err: '' });
});

it('keeps a first version where one copy can not be put in place, and says so until it is', async () => {
  await using hub = await startHub();
  await using machine = await makeMachine();
  const place = join(machine.root, 'place');
  const [first, second] = [join(place, 'first.pem'), join(place, 'second.pem')];
  await mkdir(place);
  const issued = await (await makeAuthority()).issue({ names: ['example.org'] });
  hub.offer('example.org', issued, '');
  // The check runs between staging and switch: it takes the first copy's place, once.
  const check = `test -e ${machine.root}/was || { mkdir ${first}; touch ${machine.root}/was; }`;
  await machine.configure(`
[[service]]
kind = "generic"
certificates = ["example.org"]
connect = ["127.0.0.1:1"]
check = ["sh", "-c", "${check}"]
reload = ["true"]
grace = "0s"
[[certificate]]
name = "example.org"
[[certificate.copy]]
path = "${first}"
form = "joined"
[[certificate.copy]]
path = "${second}"
form = "cert"
`);
  await machine.agent(['enroll'], hub.token());
  const run = await machine.agent(['run']);
  expect(run.err).toContain('but not everywhere');
  expect(run.err).toContain('no way back: there was no version before');
  expect(await readFile(second, 'utf8')).toBe(issued.certificate);
  expect(hub.reports.at(-1)?.deployments[0]).toMatchObject({
    installed: false,
    detail: expect.stringContaining(`not everywhere: ${first} is no file`),
  });
  expect((await machine.agent(['run'])).err).toBe(''); // not at each tick
  await rmdir(first);
  await machine.agent(['run', '--now']);
  expect(await readFile(first, 'utf8')).toContain(issued.privateKey);
  expect(hub.reports.at(-1)?.deployments[0]).toMatchObject({ installed: true });
});
