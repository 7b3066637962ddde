import { once } from 'node:events';
import { readdir, readFile, truncate, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '@sixhub/base';
import { certificateName } from '@sixhub/protocol';
import { expect, it } from 'vitest';
import * as z from 'zod';
import { parseEndpoint, seeOnWire } from '@sixhub/wire';
import { openTree } from './live/tree.js';
import { makeApache } from './testing/apache.js';
import { makeAuthority } from './testing/authority.js';
import { startHub } from './testing/hub-stand-in.js';
import { makeMachine } from './testing/machine.js';

const preload = fileURLToPath(new URL('../dist/testing/kill-at.js', import.meta.url));
const account = z.object({ killed: z.boolean(), count: z.number(), unsynced: z.array(z.string()) });

it(
  'killed before each change of the file system, its power gone: old or new is whole and served, and the next run ends the work',
  { timeout: 400_000 },
  async () => {
    await using hub = await startHub();
    await using machine = await makeMachine();
    const name = certificateName.parse('example.org');
    await using apache = await makeApache(machine.root, machine.live, [
      { name, certificate: name },
    ]);
    const issuer = await makeAuthority();
    await machine.configure(`
[[service]]
kind = "apache"
certificates = ["${name}"]
connect = ["${apache.address}"]
check = ${JSON.stringify(apache.check)}
reload = ${JSON.stringify(apache.reload)}
`);
    await machine.agent(['enroll'], hub.token());
    hub.offer(name, await issuer.issue({ names: [name] }), '');
    expect((await machine.agent(['run'])).code).toBe(0);
    const endpoint = parseEndpoint(apache.address);
    if (endpoint === undefined) throw new Error('an address');
    const look = { endpoint, servername: undefined };
    const tree = await openTree(machine.live, systemClock);
    const book = join(machine.root, 'account.json');

    let steps = 0;
    for (let at = 1, killed = true; killed; at++) {
      const before = hub.wanted(name).fingerprint;
      hub.offer(name, await issuer.issue({ names: [name] }), '');
      const after = hub.wanted(name).fingerprint;
      const run = machine.spawnAgent(['run'], {
        NODE_OPTIONS: `--import ${preload}`,
        SIXHUB_KILL_AT: String(at),
        SIXHUB_KILL_ACCOUNT: book,
      });
      await once(run, 'exit');
      const told = account.parse(JSON.parse(await readFile(book, 'utf8')));
      ({ killed } = told);
      steps = told.count;
      // What was not synced may be empty after a loss of power, under whatever name it has by now.
      for (const path of told.unsynced) {
        if ((await stat(path).catch(() => undefined))?.isFile() === true) await truncate(path, 0);
      }
      const where = `before change ${at}`;
      const installed = await tree.look(name);
      const lies = installed.kind === 'whole' ? installed.version.fingerprint : installed.kind;
      expect([before, after], where).toContain(lies);
      const seen = await seeOnWire(look);
      expect([before, after], where).toContain(
        seen.kind === 'served' ? seen.fingerprint : seen.why,
      );

      expect(await machine.agent(['run']), where).toMatchObject({ code: 0 });
      expect(await seeOnWire(look), where).toMatchObject({ fingerprint: after });
      expect(await readdir(join(machine.versions, name)), where).toHaveLength(2);
      expect(await readdir(machine.live), where).toEqual([name]);
    }
    expect(steps, 'so many changes that it means something').toBeGreaterThan(25);
  },
);
