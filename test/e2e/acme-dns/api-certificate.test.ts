import { copyFile, readFile, rename, symlink, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { connect, type TLSSocket } from 'node:tls';
import { expect, test } from 'vitest';
import {
  acmeDnsZone,
  makeAcmeDns,
  makeSelfSigned,
  openLab,
  ports,
  type AcmeDnsHouse,
  type Lab,
} from '../../lab/index.js';

/** live/ with symlinks into archive/, as certbot has them. */
interface Tree {
  readonly live: string;
  /** Writes another pair into the archive; nothing uses it yet. */
  renewed(count: number): Promise<{ readonly key: string; readonly chain: string }>;
  point(name: 'privkey.pem' | 'fullchain.pem', target: string): Promise<void>;
}

async function certbotTree(lab: Lab): Promise<Tree> {
  const live = await lab.makeDirectory('live');
  const archive = await lab.makeDirectory('archive');
  return {
    live,
    async renewed(count) {
      const made = await makeSelfSigned(archive, '127.0.0.1', acmeDnsZone);
      const key = join(archive, `privkey${count}.pem`);
      const chain = join(archive, `fullchain${count}.pem`);
      await rename(made.privateKey, key);
      await rename(made.certificate, chain);
      return { key, chain };
    },
    async point(name, target) {
      await symlink(target, join(live, `.${name}`));
      await rename(join(live, `.${name}`), join(live, name));
    },
  };
}

/** The SHA-256 fingerprint that a new connection is shown. */
function served(house: AcmeDnsHouse): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket: TLSSocket = connect(
      { host: house.address, port: ports.acmeDnsApi, rejectUnauthorized: false },
      () => {
        resolve(socket.getPeerCertificate().raw.toString('base64'));
        socket.destroy();
      },
    );
    socket.once('error', reject);
  });
}

async function pemBody(file: string): Promise<string> {
  return (await readFile(file, 'utf8')).replaceAll(/-----[^-]+-----|\s/g, '');
}

/** One GET /health; which connection it came over shows in its local port. */
function health(house: AcmeDnsHouse, agent: Agent): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const asked = request(
      { agent, host: house.address, port: ports.acmeDnsApi, path: '/health' },
      (response) => {
        const port = response.socket.localPort;
        text(response).then(() => resolve(port), reject);
      },
    );
    asked.once('error', reject);
    asked.end();
  });
}

test("a certificate in files: certbot's renewal is served, a broken one is not, no connection drops", async () => {
  await using lab = await openLab();
  const tree = await certbotTree(lab);
  const first = await tree.renewed(1);
  await tree.point('privkey.pem', first.key);
  await tree.point('fullchain.pem', first.chain);
  const house = await makeAcmeDns(lab, {
    api: `tls = "cert"
tls_cert_privkey = "${tree.live}/privkey.pem"
tls_cert_fullchain = "${tree.live}/fullchain.pem"`,
  });
  const daemon = await house.serve();
  expect(await served(house)).toBe(await pemBody(first.chain));
  const agent = new Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false });
  const connection = await health(house, agent);

  // Half of a renewal: the chain is new, the key is not yet.
  const second = await tree.renewed(2);
  await tree.point('fullchain.pem', second.chain);
  await expect
    .poll(() => daemon.log(), { timeout: 8_000 })
    .toContain('"msg":"the old certificate stays in use"');
  expect(await served(house)).toBe(await pemBody(first.chain));
  await tree.point('privkey.pem', second.key);
  await expect.poll(() => served(house), { timeout: 8_000 }).toBe(await pemBody(second.chain));
  expect(await health(house, agent)).toBe(connection);

  // SIGHUP looks at once, and refuses what does not fit: here, a file that somebody emptied.
  const third = await tree.renewed(3);
  await writeFile(join(tree.live, '..', 'empty.pem'), '');
  await tree.point('privkey.pem', join(tree.live, '..', 'empty.pem'));
  await tree.point('fullchain.pem', third.chain);
  daemon.signal('SIGHUP');
  await expect
    .poll(() => daemon.log())
    .toMatch(/the API's certificate \(\S+, \S+\) can't be used: .*"the old configuration stays"/);
  expect(await served(house)).toBe(await pemBody(second.chain));
  await copyFile(third.key, join(tree.live, '..', 'empty.pem'));
  daemon.signal('SIGHUP');
  await expect.poll(() => served(house)).toBe(await pemBody(third.chain));
  expect(await health(house, agent)).toBe(connection);
  agent.destroy();
  expect([...(await daemon.log()).matchAll(/the old certificate stays/g)].length).toBeLessThan(3);
});

test('files that are not there, or do not fit, are refused at the start', async () => {
  await using lab = await openLab();
  const tree = await certbotTree(lab);
  const house = await makeAcmeDns(lab, {
    api: `tls = "cert"
tls_cert_privkey = "${tree.live}/privkey.pem"
tls_cert_fullchain = "${tree.live}/fullchain.pem"`,
  });
  const missing = await house.run('serve');
  expect(missing.code).toBe(2);
  expect(missing.stderr).toContain("can't be used: ENOENT");
  await tree.point('privkey.pem', (await tree.renewed(1)).key);
  await tree.point('fullchain.pem', (await tree.renewed(2)).chain);
  const unfit = await house.run('serve');
  expect(unfit.code).toBe(2);
  expect(unfit.stderr).toContain('the key is of another certificate');
});
