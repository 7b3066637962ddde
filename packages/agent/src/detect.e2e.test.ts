import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeApache, type Apache } from './testing/apache.js';
import { makeAuthority, type Authority } from './testing/authority.js';
import { startHub, type HubStandIn } from './testing/hub-stand-in.js';
import { makeMachine, type Machine } from './testing/machine.js';

/** Nothing but a service's own configuration says where it listens, under which names, with which certificate. */

let hub: HubStandIn;
let machine: Machine;
let issuer: Authority;
let apache: Apache;

beforeEach(async () => {
  hub = await startHub();
  machine = await makeMachine();
  issuer = await makeAuthority();
  apache = await makeApache(
    join(machine.root, 'web'),
    machine.live,
    ['example.org', 'example.net'].map((name) => ({ name, certificate: name })),
  );
  await machine.agent(['enroll'], hub.token());
});
afterEach(async () => {
  await apache[Symbol.asyncDispose]();
  await hub[Symbol.asyncDispose]();
  await machine[Symbol.asyncDispose]();
});

const section = (certificates: readonly string[]): string => `
[[service]]
kind = "apache"
configuration = "${apache.configFile}"
certificates = ${JSON.stringify(certificates)}
reload = ${JSON.stringify(apache.reload)}
`;
const offer = async (name: string): Promise<string> =>
  hub.offer(name, await issuer.issue({ names: [name] }), '');

async function detected(): Promise<{
  readonly services: readonly {
    readonly name: string;
    readonly lacking?: readonly string[];
    readonly unread?: string;
    readonly files?: readonly {
      readonly file: string;
      readonly shownAt: readonly string[];
      readonly origin: string;
      readonly certificate: string | null;
      readonly better: string | null;
    }[];
  }[];
  readonly agentToml: string;
}> {
  return JSON.parse((await machine.agent(['detect', '--json'])).out);
}

it('is proven where its configuration has it listen, for the names that it gives to the certificate', async () => {
  await machine.configure(section(['example.org', 'example.net']));
  const missing = await machine.agent(['run']);
  expect(missing.out).toContain('which the hub does not give');
  await offer('example.org');
  await offer('example.net');
  // Apache's configuration can't be read before the files that it names are there.
  const run = await machine.agent(['run']);
  expect(run).toMatchObject({ code: 0 });
  const services = hub.reports.at(-1)?.deployments.flatMap((one) => one.services) ?? [];
  expect(services.map(({ state, detail }) => `${state}: ${detail}`).sort()).toEqual([
    `serving: ${apache.address} (example.net)`,
    // It is also what is shown to who asks for no name.
    `serving: ${apache.address}, ${apache.address} (example.org)`,
  ]);
});

it('says that a service does not use what agent.toml gives it', async () => {
  await offer('example.org');
  await offer('example.net');
  await offer('example.com');
  await machine.configure(section(['example.org', 'example.net', 'example.com']));
  const run = await machine.agent(['run']);
  expect(run.code).toBe(1);
  expect(run.out).toContain('its configuration uses this certificate nowhere; hub-agent detect');
});

it('is shown with certificates that are not the hub’s, and what agent.toml lacks', async () => {
  await offer('example.org');
  await machine.configure(section(['example.org']));
  const other = await issuer.issue({ names: ['old.example.org'] });
  const place = join(machine.root, 'by-hand');
  await mkdir(place);
  await writeFile(join(place, 'cert.pem'), other.certificate);
  await writeFile(join(place, 'key.pem'), other.privateKey, { mode: 0o600 });
  await machine.agent(['run']);
  const config = await readFile(apache.configFile, 'utf8');
  await writeFile(
    apache.configFile,
    config
      .replace(/(\/example\.net\/fullchain\.pem)/, '/example.org/fullchain.pem')
      .replace(/(\/example\.net\/privkey\.pem)/, '/example.org/privkey.pem')
      .concat(
        `<VirtualHost ${apache.address}>\nServerName old.example.org\nSSLEngine on\n`,
        `SSLCertificateFile ${place}/cert.pem\nSSLCertificateKeyFile ${place}/key.pem\n</VirtualHost>\n`,
      ),
  );
  const seen = (await detected()).services.find(({ name }) => name === 'apache');
  expect(seen).toMatchObject({
    lacking: [],
    files: [
      {
        file: join(machine.live, 'example.org', 'fullchain.pem'),
        origin: 'ours',
        certificate: 'example.org',
      },
      { file: join(place, 'cert.pem'), origin: 'elsewhere', better: null },
    ],
  });
  expect(seen?.files?.[0]?.shownAt.map((one) => one.split(' ')[1])).toEqual([
    undefined,
    'example.org',
    'example.net',
  ]);
  const words = await machine.agent(['detect']);
  expect(words).toMatchObject({ code: 0 });
  expect(words.out).toContain('apache: in agent.toml');
  expect(words.out.replaceAll(/\s+/g, ' ')).toContain(
    `${place}/cert.pem: old.example.org; until ${other.notAfter.toISOString().slice(0, 10)}; not from the hub`,
  );
  expect(words.out.replaceAll(/\s+/g, ' ')).toContain('`hub issue` and `hub agent grant` there');
});

it('lets the units write where agent.toml has copies, and nowhere else', async () => {
  const units = join(machine.root, 'units');
  const dropIn = (unit: string): Promise<string> =>
    readFile(join(units, `${unit}.service.d/sixhub-agent-toml.conf`), 'utf8');
  const ask = ['detect', '--units', units] as const;
  const place = '/srv/share/tls';
  // Where the agent usually keeps its own; a look changes nothing there.
  const configure = (text: string): Promise<void> =>
    writeFile(join(machine.root, 'agent.toml'), text);
  const copy = `
[[certificate]]
name = "example.org"
[[certificate.copy]]
path = "${place}/joined.pem"
form = "joined"
`;
  await configure(copy);
  const told = await machine.agent(ask);
  expect(told.out.replaceAll(/\s+/g, ' ')).toContain(place);
  expect(told.out).toContain('hub-agent detect --write');
  await expect(dropIn('sixhub-agent')).rejects.toThrow('ENOENT');

  const written = await machine.agent([...ask, '--write']);
  expect(written.err).toContain(place);
  for (const unit of ['sixhub-agent', 'sixhub-agent-watch']) {
    expect(await dropIn(unit)).toContain(`\nReadWritePaths=-${place}\n`);
  }
  expect((await machine.agent(ask)).out).not.toContain('may not write');

  const own = join(units, 'sixhub-agent.service.d/own.conf');
  await writeFile(own, '[Service]\nNice=9\n');
  await configure('');
  await machine.agent([...ask, '--write']);
  await expect(dropIn('sixhub-agent')).rejects.toThrow('ENOENT');
  expect(await readFile(own, 'utf8'), 'another’s drop-in stays').toContain('Nice=9');
  expect(await readdir(units)).toEqual(['sixhub-agent.service.d']);
});
