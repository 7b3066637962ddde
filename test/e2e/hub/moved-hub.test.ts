import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { mustBe, ports, type AgentHouse } from '../../lab/index.js';
import { openHouse, type House } from '../api/house.js';
import { enrolledHouse } from './copied-machine.js';

async function hubsOf({ state }: AgentHouse): Promise<readonly string[]> {
  return JSON.parse(await readFile(join(state, 'identity.json'), 'utf8')).hubs;
}

/** Lines of [agents] in hub.toml anew. */
async function agentsAt(
  { hub }: House,
  listen: readonly string[],
  addresses: readonly string[],
): Promise<void> {
  const text = await readFile(hub.config, 'utf8');
  const lines = `listen = ${JSON.stringify(listen)}\naddresses = ${JSON.stringify(addresses)}`;
  await writeFile(hub.config, text.replace(/(?<=\[agents\]\n)listen = .+\naddresses = .+/, lines));
}

test('a hub moves to another port: both for a time, then the new one alone, and no machine is touched', async () => {
  await using house = await openHouse();
  const { lab, hub } = house;
  const elsewhere = `${lab.address()}:${ports.https}`;
  const at = `${hub.address}:${ports.agents}`;
  const [old, anew] = [`https://${elsewhere}`, `https://${at}`];
  await agentsAt(house, [at, elsewhere], [old]);
  const before = await hub.serve();
  const web = await enrolledHouse(house, 'web');
  await mustBe(0, await web.run(['run']));
  expect(await hubsOf(web)).toEqual([old]);
  await before[Symbol.asyncDispose]();

  await agentsAt(house, [at, elsewhere], [anew, old]);
  const between = await hub.serve();
  const told = await mustBe(0, await web.run(['run']));
  expect(told.stderr).toContain(`the hub is at ${anew}, ${old}`);
  expect(await hubsOf(web)).toEqual([anew, old]);
  await between[Symbol.asyncDispose]();

  await agentsAt(house, [at], [anew]);
  await hub.serve();
  await mustBe(0, await web.run(['run']));
  expect(await hubsOf(web)).toEqual([anew, old]);
  const file = join(web.state, 'identity.json');
  const written = await stat(file);
  await mustBe(0, await web.run(['run']));
  expect((await stat(file)).ino).toBe(written.ino);
  expect((await web.run(['status'])).stdout).toContain(anew);
});

test('what an earlier agent kept of the manifest is asked for once more, whatever its tag', async () => {
  await using house = await openHouse();
  const { hub } = house;
  await hub.serve();
  const web = await enrolledHouse(house, 'web');
  await mustBe(0, await web.run(['run']));
  const file = join(web.state, 'manifest.json');
  const { etag, manifest } = JSON.parse(await readFile(file, 'utf8'));
  expect(manifest).toMatchObject({ hub: { addresses: [hub.agentsUrl] } });
  const { certificates } = manifest;
  await writeFile(file, JSON.stringify({ etag, manifest: { certificates } }));
  await mustBe(0, await web.run(['run']));
  expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ etag, manifest });
});
