import { readFile, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import {
  makeHub,
  mustBe,
  openLab,
  startNameServer,
  startPebble,
  startResolver,
} from '../../lab/index.js';

test('a resolver that sees another DNS than the world: other resolvers, or a domain vouched for by its name', async () => {
  await using lab = await openLab();
  const nameServer = await startNameServer(lab, ['example.org']);
  const world = await startResolver(lab, nameServer.stubs);
  const home = await startResolver(lab, []);
  const pebble = await startPebble(lab, { resolver: world.server });
  const hub = await makeHub(lab, {
    zone: 'acme-dns.beispiel.test',
    resolver: home.server,
    authorities: [pebble],
  });
  await world.addStub(hub.stub);
  await mustBe(0, await hub.run(['init']));
  const withResolver = async (lines: string): Promise<void> => {
    const text = await readFile(hub.config, 'utf8');
    await writeFile(hub.config, text.replace(/^(trusted = .*\n)?servers = .*$/m, lines));
  };

  const blind = await hub.serve();
  const asked = await hub.run(['issue', 'example.org', '--wait-delegation', '0']);
  const target = /value {2}(\S+)/.exec(asked.stderr)?.[1];
  await nameServer.addRecord(`_acme-challenge.example.org CNAME ${target}.`);
  await mustBe(3, await hub.run(['issue', 'example.org', '--wait-delegation', '0']));
  await blind.stop();

  await withResolver(`trusted = ["example.org"]\nservers = ["${home.server}"]`);
  const trusting = await hub.serve();
  await mustBe(0, await hub.run(['issue', 'example.org']));
  const examined = await hub.run(['doctor', 'example.org']);
  expect(examined.stdout).toContain('hub.toml vouches for its delegation');
  await trusting.stop();

  await withResolver(`servers = ["${world.server}"]`);
  await hub.serve();
  await mustBe(0, await hub.run(['renew', 'example.org']));
});
