import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createVault, openStore } from '@sixhub/hub';
import { systemClock } from '@sixhub/base';
import { expect, test } from 'vitest';
import { makeHeir, mustBe, openEstate, runTool } from '../../lab/index.js';

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };

test('hub key rotate while the hub runs: agents, renewals and backups go on, old backups open', async () => {
  await using estate = await openEstate();
  const { hub, lab } = estate;
  await hub.serve();
  await estate.delegate('example.org');
  await mustBe(0, await hub.run(['issue', 'example.org']));
  const place = await lab.makeDirectory('backups');
  const identity = join(place, 'identity');
  await runTool('age-keygen', ['-o', identity]);
  const recipient = (await runTool('age-keygen', ['-y', identity])).trim();
  await mustBe(0, await hub.run(['backup', join(place, 'before.age'), '-r', recipient]));
  const before = await readFile(join(hub.state, 'master.key'));
  const renewing = hub.run(['renew', 'example.org']);
  const rotated = await mustBe(0, await hub.run(['key', 'rotate']));
  expect(rotated.stdout).toMatch(/\d+ secrets are sealed with a new master key/);
  await mustBe(0, await renewing);
  const after = await readFile(join(hub.state, 'master.key'));
  expect(after).not.toEqual(before);
  expect(await readdir(hub.state)).not.toContain('master.key.next');
  await mustBe(0, await hub.run(['renew', 'example.org']));
  await mustBe(0, await hub.run(['backup', join(place, 'after.age'), '-r', recipient]));
  for (const [name, key] of [
    ['before', before],
    ['after', after],
  ] as const) {
    const heir = await makeHeir(lab, hub);
    const words = ['restore', join(place, `${name}.age`), '--keep-config', '-i', identity];
    await mustBe(0, await heir.run(words));
    expect(await readFile(join(heir.state, 'master.key'))).toEqual(key);
  }
});

test('killed -9 at any moment of hub key rotate, the hub starts, and every secret opens', async () => {
  await using estate = await openEstate();
  const { hub, lab } = estate;
  const place = await lab.makeDirectory('backups');
  const identity = join(place, 'identity');
  await runTool('age-keygen', ['-o', identity]);
  const recipient = (await runTool('age-keygen', ['-y', identity])).trim();
  {
    const vault = createVault(await readFile(join(hub.state, 'master.key')));
    await using store = await openStore(join(hub.state, 'hub.db'), vault, systemClock, quiet);
    const many = Array.from({ length: 3_000 }, (_, index) => `secret ${index}`);
    await Promise.all(many.map((name) => store.secrets.create(name, '', name)));
  }
  let daemon = await hub.serve();
  for (let round = 0; round < 8; round++) {
    let log = await readFile(join(hub.config, '..', 'log'), 'utf8');
    const begun = log.split('the master key is being changed').length;
    const changing = hub.run(['key', 'rotate']);
    while (log.split('the master key is being changed').length === begun) {
      log = await readFile(join(hub.config, '..', 'log'), 'utf8');
    }
    // Later from round to round; where it was too late the change is done, which is a moment as well.
    const end = performance.now() + round * round * 4;
    while (performance.now() < end) await readdir(hub.state);
    await daemon.kill();
    await changing;
    daemon = await hub.serve();
    // It opens every secret by the keys that it has.
    const file = join(place, `${round}.age`);
    await mustBe(0, await hub.run(['backup', file, '-r', recipient]));
  }
  expect(await readdir(hub.state)).not.toContain('master.key.next');
}, 120_000);
