import { lstat, readFile, readlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { makeAgent, makeCertbot, mustBe, openEstate, startApache } from '../../lab/index.js';

const name = 'example.org';

async function fingerprint(file: string): Promise<string> {
  return new X509Certificate(await readFile(file)).fingerprint256;
}

test('a machine that certbot served: found, left alone, taken over, renewed by the hub, and certbot keeps off', async () => {
  await using estate = await openEstate({ pebble: { rejectNonces: 0 } });
  const { hub, lab, nameServer } = estate;
  await hub.serve();
  const certbot = await makeCertbot(estate);
  await certbot.delegate(name);
  await certbot.issue(['--key-type', 'ecdsa', '-d', name, '-d', `*.${name}`]);
  const live = join(certbot.directory, 'live');
  const lineage = join(live, name);
  const byCertbot = await fingerprint(join(lineage, 'cert.pem'));
  const apache = await startApache(lab, [
    { address: lab.address(), names: [`www.${name}`], certificate: lineage },
  ]);
  // On the hub: the certificate is known, and its next renewal is the hub's.
  const taken = await mustBe(3, await hub.run(['import', certbot.directory, '--json']));
  const { records } = JSON.parse(taken.stdout);
  for (const { name: owner, value } of records) {
    await nameServer.removeRecords(owner);
    await nameServer.addRecord(`${owner} CNAME ${value}.`);
  }
  const { stdout: token } = await mustBe(0, await hub.run(['agent', 'add', 'web', '--cert', name]));

  // On the machine.
  const agent = await makeAgent(lab, 'web');
  const config = (await readFile(agent.config, 'utf8')).replace(/^live = .*$/m, `live = "${live}"`);
  await writeFile(
    agent.config,
    `${config}\n[[service]]\nkind = "apache"\nconfiguration = "${apache.config}"\n` +
      `certificates = ["${name}"]\nreload = ${JSON.stringify(apache.reload)}\n`,
  );
  await mustBe(0, await agent.run(['enroll'], { input: token }));
  const detected = await mustBe(0, await agent.run(['detect']));
  expect(detected.stdout.replaceAll(/\s+/g, ' ')).toContain('hub-agent run --adopt takes it over');
  const refused = await mustBe(1, await agent.run(['run']));
  expect(refused.stdout).toContain('hub-agent run --adopt');
  expect((await lstat(lineage)).isDirectory()).toBe(true);
  const shown = await mustBe(0, await hub.run(['show', name]));
  expect(shown.stdout.replaceAll(/\s+/g, ' ')).toContain('hub-agent run --adopt');

  await mustBe(0, await agent.run(['run', '--adopt']));
  expect(await fingerprint(join(lineage, 'cert.pem')), 'the same, under another roof').toBe(
    byCertbot,
  );
  await mustBe(0, await hub.run(['renew', name]));
  await mustBe(0, await agent.run(['run']));
  const byHub = await fingerprint(join(lineage, 'cert.pem'));
  expect(byHub).not.toBe(byCertbot);
  const after = await mustBe(0, await hub.run(['show', name]));
  expect(after.stdout).toContain('web · apache · serving since');

  // certbot's timer comes by.
  const link = await readlink(lineage);
  await certbot.renew();
  expect(await readlink(lineage)).toBe(link);
  expect(await fingerprint(join(lineage, 'cert.pem'))).toBe(byHub);
}, 120_000);
