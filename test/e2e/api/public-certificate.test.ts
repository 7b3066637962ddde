import { readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:tls';
import { expect, test } from 'vitest';
import { apiClient, mustBe, openEstate, ports } from '../../lab/index.js';

test('the API shows a certificate of the hub to who asks for its name, renewed without a restart', async () => {
  await using estate = await openEstate();
  const { hub } = estate;
  const config = await readFile(hub.config, 'utf8');
  await writeFile(hub.config, config.replace('[api]', '[api]\ncertificate = "hub.example.org"'));
  const daemon = await hub.serve();
  expect(await daemon.log()).toContain('hub issue hub.example.org');

  /** The serial and issuer that are shown to a client that asks for `servername`. */
  const shown = (servername: string): Promise<{ serial: string; issuer: string }> =>
    new Promise((resolve, reject) => {
      const socket = connect(
        { host: hub.address, port: ports.api, servername, rejectUnauthorized: false },
        () => {
          const { serialNumber, issuer } = socket.getPeerCertificate();
          socket.destroy();
          resolve({ serial: serialNumber.toLowerCase(), issuer: String(issuer.CN) });
        },
      );
      socket.on('error', reject);
    });

  const privately = await shown('hub.example.org');
  expect(privately.issuer).not.toContain('Pebble');
  const issue = ['issue', 'hub.example.org', '--no-wildcard'];
  const asked = await mustBe(3, await hub.run([...issue, '--wait-delegation', '0']));
  const target = /value {2}(\S+)/.exec(asked.stderr)?.[1];
  await estate.nameServer.addRecord(`_acme-challenge.hub.example.org CNAME ${target}.`);
  await mustBe(0, await hub.run(issue));
  const first = await shown('hub.example.org');
  expect(first.issuer).toContain('Pebble');
  expect((await shown('HUB.example.org')).serial).toBe(first.serial);
  expect((await shown('localhost')).issuer).toBe(privately.issuer);
  expect((await shown('other.example.org')).issuer).toBe(privately.issuer);

  await mustBe(0, await hub.run(['renew', 'hub.example.org']));
  const second = await shown('hub.example.org');
  expect(second.issuer).toContain('Pebble');
  expect(second.serial).not.toBe(first.serial);
  const { version } = JSON.parse((await hub.run(['show', 'hub.example.org', '--json'])).stdout);
  expect(second.serial).toBe(version.serial);
  // The private one goes on for who has its CA.
  const client = await apiClient(hub, 'monitoring');
  expect((await client.get('/v1/certificates')).status).toBe(200);
});
