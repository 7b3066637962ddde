import { createPrivateKey } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '@sixhub/base';
import { certificateName } from '@sixhub/protocol';
import { parseEndpoint, seeOnWire } from '@sixhub/wire';
import { expect, it } from 'vitest';
import * as z from 'zod';
import { openTree } from '../live/tree.js';
import { makeApache } from '../testing/apache.js';
import { makeAuthority } from '../testing/authority.js';
import { startHub } from '../testing/hub-stand-in.js';
import { makeMachine } from '../testing/machine.js';

const preload = fileURLToPath(new URL('../../dist/testing/kill-at.js', import.meta.url));
const account = z.object({
  killed: z.boolean(),
  count: z.number(),
  kinds: z.array(z.string()),
  unsynced: z.array(z.string()),
});

/** Before every change, which takes minutes; otherwise before one of each kind, others at each run. */
const isLong = process.env['SIXHUB_EVERY_STEP'] === '1';

/** Numbers of changes, from 1. */
function killPoints(kinds: readonly string[]): readonly number[] {
  const all = kinds.map((kind, index) => ({ kind, at: index + 1 }));
  if (isLong) return all.map(({ at }) => at);
  return [...new Set(kinds)].flatMap((wanted) => {
    const alike = all.filter(({ kind }) => kind === wanted);
    return alike[Math.floor(Math.random() * alike.length)]?.at ?? [];
  });
}

it(
  'a key of its own: killed before a change of the file system, its power gone, and the next run ends the work',
  { timeout: 500_000 },
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
    hub.want(name, issuer);
    expect(await machine.agent(['run'])).toMatchObject({ code: 0 });
    const endpoint = parseEndpoint(apache.address);
    if (endpoint === undefined) throw new Error('an address');
    const look = { endpoint, servername: undefined };
    const tree = await openTree(machine.live, systemClock);
    const book = join(machine.root, 'account.json');
    const installedKey = (): Promise<string> =>
      readFile(join(machine.live, name, 'privkey.pem'), 'utf8');
    const keys = [await installedKey()];

    /** Killed nowhere: says what there is. Then before each of these. */
    let points: readonly number[] = [Infinity];
    for (let done = 0; done < points.length; done++) {
      const at = points[done] ?? Infinity;
      const before = hub.wanted(name).fingerprint;
      const answered = hub.keys.csrs.length;
      hub.want(name, issuer);
      const run = machine.spawnAgent(['run'], {
        NODE_OPTIONS: `--import ${preload}`,
        SIXHUB_KILL_AT: String(at),
        SIXHUB_KILL_ACCOUNT: book,
      });
      await once(run, 'exit');
      const told = account.parse(JSON.parse(await readFile(book, 'utf8')));
      expect(told.killed, String(at)).toBe(at !== Infinity);
      if (at === Infinity) {
        expect(told.count, 'so many changes that it means something').toBeGreaterThan(30);
        points = [at, ...killPoints(told.kinds)];
      }
      for (const path of told.unsynced) {
        if ((await stat(path).catch(() => undefined))?.isFile() === true) await truncate(path, 0);
      }
      const where = `before change ${at}`;
      const installed = await tree.look(name);
      const after = hub.wanted(name).fingerprint;
      const lies = installed.kind === 'whole' ? installed.version.fingerprint : installed.kind;
      expect([before, after], where).toContain(lies);
      const seen = await seeOnWire(look);
      expect([before, after], where).toContain(
        seen.kind === 'served' ? seen.fingerprint : seen.why,
      );

      expect(await machine.agent(['run']), where).toMatchObject({ code: 0 });
      expect(hub.keys.csrs.length, `${where}: one key was enough`).toBe(answered + 1);
      expect(await seeOnWire(look), where).toMatchObject({
        fingerprint: hub.wanted(name).fingerprint,
      });
      expect(await readdir(join(machine.state, 'keys')), where).toEqual([]);
      keys.push(await installedKey());
    }
    expect(new Set(keys).size, 'another key each time').toBe(keys.length);
    expect(hub.keys.lost).toEqual([]);

    // Nothing that left the machine has one of the keys in it, and nothing beside the tree does.
    const forms = keys.flatMap((pem) => {
      const { d = '' } = createPrivateKey(pem).export({ format: 'jwk' });
      const hex = Buffer.from(d, 'base64url').toString('hex');
      return [d, hex, Buffer.from(d, 'base64url').toString('base64'), pem.split('\n')[1] ?? ''];
    });
    const sent = hub.bodies.join('\n');
    expect(sent).toContain('CERTIFICATE REQUEST');
    expect(forms.filter((form) => sent.includes(form))).toEqual([]);
    for (const file of await readdir(machine.state)) {
      const path = join(machine.state, file);
      if (!(await stat(path)).isFile()) continue;
      const text = await readFile(path, 'utf8');
      expect(
        forms.filter((form) => text.includes(form)),
        file,
      ).toEqual([]);
    }
  },
);
