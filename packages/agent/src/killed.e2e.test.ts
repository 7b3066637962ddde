import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { certificateName } from '@sixhub/protocol';
import { systemClock } from '@sixhub/base';
import { expect, it } from 'vitest';
import { seeOnWire } from '@sixhub/wire';
import { openTree } from './live/tree.js';
import { makeApache } from './testing/apache.js';
import { makeAuthority } from './testing/authority.js';
import { startHub } from './testing/hub-stand-in.js';
import { makeMachine } from './testing/machine.js';

it('leaves the old or the new version whole, wherever it is killed, and the next run ends the work', async () => {
  await using hub = await startHub();
  await using machine = await makeMachine();
  await using apache = await makeApache(machine.root, machine.live, [
    { name: 'example.org', certificate: 'example.org' },
  ]);
  const issuer = await makeAuthority();
  const name = certificateName.parse('example.org');
  await machine.configure(`
[[service]]
kind = "apache"
certificates = ["example.org"]
connect = ["${apache.address}"]
check = ${JSON.stringify(apache.check)}
reload = ${JSON.stringify(apache.reload)}
`);
  await machine.agent(['enroll'], hub.token());
  hub.offer(name, await issuer.issue({ names: [name] }), '');
  expect((await machine.agent(['run'])).code).toBe(0);
  const [host = '', port = ''] = apache.address.split(':');
  const tree = await openTree(machine.live, systemClock);

  for (let delay = 100; delay <= 420; delay += 16) {
    const before = hub.wanted(name).fingerprint;
    hub.offer(name, await issuer.issue({ names: [name] }), '');
    const after = hub.wanted(name).fingerprint;
    const run = machine.spawnAgent(['run']);
    const ended = once(run, 'exit');
    await pause(delay);
    run.kill('SIGKILL');
    await ended;

    const installed = await tree.look(name);
    const lies = installed.kind === 'whole' ? installed.version.fingerprint : installed.kind;
    expect([before, after]).toContain(lies);
    const look = {
      endpoint: { protocol: 'tls' as const, host, port: Number(port) },
      servername: undefined,
    };
    const seen = await seeOnWire(look);
    expect([before, after]).toContain(seen.kind === 'served' ? seen.fingerprint : seen.why);

    expect(await machine.agent(['run'])).toMatchObject({ code: 0 });
    expect(await seeOnWire(look)).toMatchObject({ fingerprint: after });
    const entries = await readdir(join(machine.versions, name));
    expect(entries).toHaveLength(2);
    expect(await readdir(machine.live)).toEqual([name]);
  }
  expect(await readFile(join(machine.live, name, 'privkey.pem'), 'utf8')).toContain('PRIVATE KEY');
});
