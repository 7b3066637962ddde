import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeAuthority, type Authority } from './testing/authority.js';
import { makeExim, type Exim } from './testing/exim.js';
import { makeHaproxy, type Haproxy } from './testing/haproxy.js';
import { startHub, type HubStandIn } from './testing/hub-stand-in.js';
import { freePort } from './testing/loopback.js';
import { mailRoot } from './testing/mail-daemon.js';
import { makeMachine, type Machine } from './testing/machine.js';
import { makeNginx, nginxPaths, type Nginx } from './testing/nginx.js';

/** The servers beside Apache, Postfix and Dovecot: nginx, HAProxy with one joined file, Exim with files of its own user. */

const name = 'example.org';
let hub: HubStandIn;
let machine: Machine;
let issuer: Authority;
let copies: string;
const daemons: (Nginx | Haproxy | Exim)[] = [];

beforeEach(async () => {
  hub = await startHub();
  machine = await makeMachine();
  issuer = await makeAuthority();
  copies = await mailRoot('copies'); // Exim reads as a user of its own
  await mkdir(join(copies, name), { recursive: true });
  await machine.agent(['enroll'], hub.token());
});
afterEach(async () => {
  for (const daemon of daemons.splice(0)) await daemon[Symbol.asyncDispose]();
  await hub[Symbol.asyncDispose]();
  await machine[Symbol.asyncDispose]();
  await rm(copies, { recursive: true });
});

const offer = async (): Promise<string> =>
  hub.offer(name, await issuer.issue({ names: [name] }), '');
const states = (): readonly string[] =>
  hub.reports
    .at(-1)
    ?.deployments.flatMap(({ services }) =>
      services.map(({ service, state, detail }) => `${service} ${state}: ${detail}`),
    ) ?? [];

function service(kind: string, configuration: string, reload: readonly string[]): string {
  return [
    '[[service]]',
    `kind = "${kind}"`,
    `configuration = "${configuration}"`,
    `certificates = ["${name}"]`,
    `reload = ${JSON.stringify(reload)}`,
    '',
  ].join('\n');
}

function copy(form: string, path: string): string {
  return `[[certificate.copy]]\npath = "${path}"\nform = "${form}"\n`;
}

it('nginx, on IPv6 alone, and HAProxy by a joined file, each from the new version’s files', async () => {
  const nginx = await makeNginx(join(machine.root, 'nginx'), machine.live, []);
  const haproxy = await makeHaproxy(join(machine.root, 'haproxy'), copies, [name]);
  daemons.push(nginx, haproxy);
  const address = `[::1]:${await freePort('::1')}`;
  await nginx.configure(
    [
      'http {',
      ...nginxPaths(join(machine.root, 'nginx')),
      `  server { listen ${address} ssl; server_name ${name};`,
      `    ssl_certificate ${machine.live}/${name}/fullchain.pem;`,
      `    ssl_certificate_key ${machine.live}/${name}/privkey.pem; }`,
      '}',
    ].join('\n'),
  );
  await machine.configure(
    `[[certificate]]\nname = "${name}"\n${copy('joined', join(copies, name, 'joined.pem'))}` +
      service('nginx', nginx.configFile, nginx.reload) +
      service('haproxy', haproxy.configFile, haproxy.reload),
  );
  await offer();
  await machine.agent(['run']); // installs, and HAProxy's reload starts it; nginx's does not
  await nginx.start();
  expect(await machine.agent(['run', '--now'])).toMatchObject({ code: 0 });
  const old = await readFile(join(copies, name, 'joined.pem'), 'utf8');
  await offer();
  expect(await machine.agent(['run'])).toMatchObject({ code: 0 });
  expect(states()).toEqual([
    expect.stringContaining(`nginx serving: ${address}`),
    expect.stringContaining(`haproxy serving: ${haproxy.address}`),
  ]);
  expect(await readFile(join(copies, name, 'joined.pem'), 'utf8')).not.toBe(old);
});

it('Exim, by copies that its own user may read', async () => {
  const served = {
    certificate: join(copies, name, 'fullchain.pem'),
    privateKey: join(copies, name, 'privkey.pem'),
  };
  const exim = await makeExim(served);
  daemons.push(exim);
  await machine.configure(
    `[[certificate]]\nname = "${name}"\n` +
      copy('fullchain', served.certificate) +
      `${copy('privkey', served.privateKey)}group = "mail"\n`,
  );
  await offer();
  expect(await machine.agent(['run'])).toMatchObject({ code: 0 });
  await exim.start();
  // Exim is not installed where Postfix is: it is named by its path, and where it listens by agent.toml.
  const { smtp, submissions } = exim.listeners;
  await machine.configure(
    `[[certificate]]\nname = "${name}"\n` +
      copy('fullchain', served.certificate) +
      `${copy('privkey', served.privateKey)}group = "mail"\n` +
      `[[service]]\nkind = "exim"\ncertificates = ["${name}"]\n` +
      `connect = ["smtp://${smtp.host}:${smtp.port}", "smtps://${submissions.host}:${submissions.port}"]\n` +
      `check = ${JSON.stringify(exim.check)}\nreload = ${JSON.stringify(exim.reload)}\n`,
  );
  expect(await machine.agent(['run', '--now'])).toMatchObject({ code: 0 });
  await offer();
  expect(await machine.agent(['run'])).toMatchObject({ code: 0 });
  expect(states()).toEqual([expect.stringContaining('exim serving: smtp://')]);
});
