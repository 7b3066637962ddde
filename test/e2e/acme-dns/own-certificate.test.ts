import { connect } from 'node:tls';
import { expect, test } from 'vitest';
import {
  openLab,
  ports,
  startNameServer,
  startPebble,
  startResolver,
  logsCertificate,
  makeAcmeDns,
  acmeDnsZone,
} from '../../lab/index.js';

test('the API obtains its own certificate through its own zone, and keeps it over a restart', async () => {
  await using lab = await openLab();
  const other = await startNameServer(lab, ['example.org']);
  const resolver = await startResolver(lab, other.stubs);
  const pebble = await startPebble(lab, { resolver: resolver.server });
  const house = await makeAcmeDns(lab, {
    api: `tls = "acme"\nacme_directory = "${pebble.directory}"\nacme_root = "${pebble.httpsCertificate}"`,
  });
  await resolver.addStub(house.stub);
  const first = await house.serve(logsCertificate);
  const ask = async () => isTrusted(house.address, await pebble.root());
  expect(await ask()).toBe(true);
  await first.stop();
  await house.serve();
  expect(await ask()).toBe(true);
});

function isTrusted(host: string, ca: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: ports.acmeDnsApi, servername: acmeDnsZone, ca }, () => {
      resolve(socket.authorized);
      socket.destroy();
    });
    socket.once('error', reject);
  });
}
