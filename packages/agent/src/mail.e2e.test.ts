import { readFile, readlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { programFailure, runProgram } from '@sixhub/base';
import { formatEndpoint } from '@sixhub/wire';
import { makeApache, type Apache } from './testing/apache.js';
import { makeAuthority, type Authority } from './testing/authority.js';
import { makeDovecot, type Dovecot } from './testing/dovecot.js';
import { startHub, type HubStandIn } from './testing/hub-stand-in.js';
import { makeMachine, type Machine } from './testing/machine.js';
import { makePostfix, type Postfix } from './testing/postfix.js';

/** One certificate for web and mail, as the most servers have it: three programs, ten listeners, seven protocols. */

const name = 'example.org';
let hub: HubStandIn;
let machine: Machine;
let issuer: Authority;
let apache: Apache;
let postfix: Postfix;
let dovecot: Dovecot;

beforeEach(async () => {
  hub = await startHub();
  machine = await makeMachine();
  issuer = await makeAuthority();
  const served = {
    certificate: join(machine.live, name, 'fullchain.pem'),
    privateKey: join(machine.live, name, 'privkey.pem'),
  };
  apache = await makeApache(join(machine.root, 'apache'), machine.live, [
    { name, certificate: name },
  ]);
  postfix = await makePostfix(served);
  dovecot = await makeDovecot(served);
  await machine.agent(['enroll'], hub.token());
});
afterEach(async () => {
  await Promise.all([apache, postfix, dovecot].map((daemon) => daemon[Symbol.asyncDispose]()));
  await hub[Symbol.asyncDispose]();
  await machine[Symbol.asyncDispose]();
});

const offer = async (): Promise<string> =>
  hub.offer(name, await issuer.issue({ names: [name, `*.${name}`] }), '');
const target = (): Promise<string> => readlink(join(machine.live, name));
const states = (): readonly string[] =>
  hub.reports
    .at(-1)
    ?.deployments.flatMap(({ services }) =>
      services.map(({ service, state }) => `${service} ${state}`),
    ) ?? [];
const details = (): string =>
  hub.reports
    .at(-1)
    ?.deployments.flatMap(({ services, detail }) => [
      detail,
      ...services.map((each) => each.detail),
    ])
    .join('\n') ?? '';

function log({ root }: { readonly root: string }, file: string): Promise<string> {
  return readFile(join(root, file), 'utf8');
}

/** `change`: other values in one kind's table. */
function sections(change: Readonly<Record<string, Readonly<Record<string, string>>>> = {}): string {
  const rows = [
    ['apache', apache.configFile, apache.reload],
    ['postfix', postfix.configuration, postfix.reload],
    ['dovecot', dovecot.configuration, dovecot.reload],
  ] as const;
  return rows
    .map(([kind, configuration, reload]) =>
      [
        '[[service]]',
        ...Object.entries({
          kind: `"${kind}"`,
          configuration: `"${configuration}"`,
          certificates: `["${name}"]`,
          reload: JSON.stringify(reload),
          grace: '"8s"',
          ...change[kind],
        }).map(([key, value]) => `${key} = ${value}`),
      ].join('\n'),
    )
    .join('\n');
}

async function running(): Promise<void> {
  await machine.configure('');
  await offer();
  await machine.agent(['run']);
  await Promise.all([apache.start(), postfix.start(), dovecot.start()]);
  await machine.configure(sections());
  expect(await machine.agent(['run', '--now'])).toMatchObject({ code: 0 });
}

it('is served by web and mail at each listener after one run, and leaves each of them politely', async () => {
  await running();
  const version = await offer();
  const run = await machine.agent(['run']);
  expect(run).toMatchObject({ code: 0 });
  expect(states()).toEqual(['apache serving', 'postfix serving', 'dovecot serving']);
  expect(run.err.match(/: reloaded/g)).toHaveLength(3);
  expect(await target()).toContain(version);
  for (const { listeners } of [postfix, dovecot]) {
    for (const endpoint of Object.values(listeners)) {
      expect(details()).toContain(formatEndpoint(endpoint));
    }
  }
  const detected = (await machine.agent(['detect'])).out.replaceAll(/\s+/g, ' ');
  expect(detected).toContain('postfix: in agent.toml');
  expect(detected).toContain(
    'form "joined-key-first" in agent.toml, named by smtpd_tls_chain_files',
  );
  const before = { postfix: await log(postfix, 'maillog'), dovecot: await log(dovecot, 'log') };
  await machine.agent(['run', '--now']);
  // What an administrator, or fail2ban, would take for a client that is broken or worse.
  const torn = /lost connection|SSL_accept|Connection closed|error|fail/i;
  const added = {
    postfix: (await log(postfix, 'maillog')).slice(before.postfix.length),
    dovecot: (await log(dovecot, 'log')).slice(before.dovecot.length),
  };
  expect(added.postfix.split('\n').filter((line) => torn.test(line))).toEqual([]);
  expect(added.postfix).toContain('quit=1');
  expect(added.dovecot.split('\n').filter((line) => torn.test(line))).toEqual([]);
  expect(added.dovecot).toContain('Aborted login by logging out');
});

it('has each sick service told in its own words, and throws no healthy one back', async () => {
  await running();
  const before = await target();
  // Its owner broke one, another is down, and the third is as it should be.
  await postfix.configure({ main: ['no_such_type = hash:', 'inet_protocols = ipv9'] });
  await dovecot.stop();
  const version = await offer();
  expect(await machine.agent(['run'])).toMatchObject({ code: 1 });
  expect(states()).toEqual(['apache serving', 'postfix broken-before', 'dovecot not-serving']);
  expect(details()).toMatch(/ipv9/);
  expect(details()).toMatch(/connection refused/);
  expect(await target()).toContain(version);
  expect(await target()).not.toBe(before);
  // Mended by its owner: the next run proves it, without a new issuance.
  await postfix.configure({});
  await dovecot.start();
  expect(await machine.agent(['run', '--now'])).toMatchObject({ code: 0 });
  expect(states()).toEqual(['apache serving', 'postfix serving', 'dovecot serving']);
});

it('goes back everywhere where one that was healthy rejects the new certificate, and proves that too', async () => {
  await running();
  const before = await target();
  // OpenSSL at Debian's security level serves no key of 1024 bits.
  await hub.offer(name, await issuer.issue({ names: [name], weak: true }), '');
  expect(await machine.agent(['run'])).toMatchObject({ code: 1 });
  expect(states()).toEqual(['apache rolled-back', 'postfix rolled-back', 'dovecot rolled-back']);
  expect(await target()).toBe(before);
  const version = await offer();
  expect(await machine.agent(['run'])).toMatchObject({ code: 0 });
  expect(await target()).toContain(version);
});

it('finds one that reloads and goes on with the old certificate', async () => {
  await running();
  const before = await target();
  await machine.configure(sections({ dovecot: { reload: '["true"]', grace: '"2s"' } }));
  await offer();
  expect(await machine.agent(['run'])).toMatchObject({ code: 1 });
  expect(details()).toMatch(/dovecot: .*serves another certificate/);
  expect(await target()).toBe(before);
  expect(states()).toEqual(['apache rolled-back', 'postfix rolled-back', 'dovecot rolled-back']);
});

it('rebuilds the map in which Postfix keeps the files of other names, or it would serve the old ones', async () => {
  const other = 'mail.example.net';
  const map = join(postfix.root, 'sni');
  await machine.configure('');
  await offer();
  await hub.offer(other, await issuer.issue({ names: [other] }), '');
  await machine.agent(['run']);
  const file = (name_: string): string => join(machine.live, other, `${name_}.pem`);
  await writeFile(map, `${other} ${file('privkey')} ${file('fullchain')}\n`);
  await postfix.configure({ main: [`tls_server_sni_maps = hash:${map}`] });
  const first = await runProgram('postmap', ['-c', postfix.configuration, '-F', `hash:${map}`]);
  expect(programFailure(first)).toBeUndefined();
  await postfix.start();
  await machine.configure(
    `[[service]]\nkind = "postfix"\nconfiguration = "${postfix.configuration}"\n` +
      `certificates = ["${name}", "${other}"]\nreload = ${JSON.stringify(postfix.reload)}\n`,
  );
  expect(await machine.agent(['run', '--now'])).toMatchObject({ code: 0 });
  const version = await hub.offer(other, await issuer.issue({ names: [other] }), '');
  const run = await machine.agent(['run']);
  expect(run).toMatchObject({ code: 0 });
  expect(await readlink(join(machine.live, other))).toContain(version);
  expect(details()).toContain(`(${other})`);
});

it('gives Postfix one file with key and chain, switched with the tree and taken back with it', async () => {
  const whole = join(postfix.root, 'whole.pem');
  const config = (reload: readonly string[], grace: string): string =>
    `[[certificate]]\nname = "${name}"\n[[certificate.copy]]\npath = "${whole}"\nform = "joined-key-first"\n` +
    `[[service]]\nkind = "postfix"\nconfiguration = "${postfix.configuration}"\ncertificates = ["${name}"]\n` +
    `reload = ${JSON.stringify(reload)}\ngrace = "${grace}"\n`;
  await postfix.configure({ main: [`smtpd_tls_chain_files = ${whole}`] });
  await machine.configure(config(postfix.reload, '8s'));
  await offer();
  await machine.agent(['run']);
  await postfix.start();
  expect(await machine.agent(['run', '--now'])).toMatchObject({ code: 0 });
  await offer();
  expect(await machine.agent(['run'])).toMatchObject({ code: 0 });
  expect(states()).toEqual(['postfix serving']);
  const served = await readFile(whole, 'utf8');
  // A reload that does nothing; a smtpd that begins later would read the new file by itself.
  await machine.configure(config(['true'], '0s'));
  await offer();
  expect(await machine.agent(['run'])).toMatchObject({ code: 1 });
  expect(states()).toEqual(['postfix rolled-back']);
  expect(await readFile(whole, 'utf8')).toBe(served);
});
