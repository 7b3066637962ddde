import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createCsr, createKey, type KeyKind } from '@sixhub/acme';
import { parseDnsName } from '@sixhub/hub';
import { expect, test } from 'vitest';
import { makeIssuer } from '../../authority/issuer.js';
import {
  makeAgent,
  makeCertbot,
  mustBe,
  openEstate,
  runTool,
  type HubHouse,
} from '../../lab/index.js';

async function publicKey(file: string): Promise<string> {
  return runTool('openssl', ['x509', '-noout', '-pubkey', '-in', file]);
}

async function serial(file: string): Promise<string> {
  return runTool('openssl', ['x509', '-noout', '-serial', '-in', file]);
}

interface WantedRecord {
  readonly name: string;
  readonly value: string;
}

async function imported(
  hub: HubHouse,
  words: readonly string[],
): Promise<{
  readonly lineages: readonly {
    readonly lineage: string;
    readonly answer: {
      readonly kind: string;
      readonly keyKind: string;
      readonly reuseKey: boolean;
    };
  }[];
  readonly accounts: readonly { readonly url: string; readonly answer: object }[];
  readonly untaken: readonly { readonly what: string; readonly why: string }[];
  readonly records: readonly WantedRecord[];
}> {
  return JSON.parse((await hub.run(['import', ...words, '--json'])).stdout);
}

test('a real tree of certbot’s: agents are served at once, the account goes on, the next renewal is ours', async () => {
  await using estate = await openEstate({ pebble: { rejectNonces: 0 } });
  const { hub, lab, nameServer } = estate;
  await hub.serve();
  const certbot = await makeCertbot(estate);
  const domains = ['example.org', 'www.example.org', 'mail.example.org'];
  for (const domain of domains) await certbot.delegate(domain);
  await certbot.issue(['--key-type', 'ecdsa', '-d', 'example.org', '-d', '*.example.org']);
  await certbot.issue(['--key-type', 'rsa', '-d', 'www.example.org']);
  const mail = ['--key-type', 'ecdsa', '--elliptic-curve', 'secp384r1', '--reuse-key'];
  await certbot.issue([...mail, '-d', 'mail.example.org']);
  // Renewed once, so that live leads to the second of the archive.
  await certbot.issue([...mail, '-d', 'mail.example.org', '--force-renewal']);
  // And one more of the same names, as certbot makes when it is told so.
  await certbot.issue(['--key-type', 'rsa', '-d', 'www.example.org', '--duplicate']);
  const live = (name: string): string => join(certbot.directory, 'live', name, 'cert.pem');

  const before = await imported(hub, [certbot.directory, '--dry-run']);
  expect(before.lineages.map(({ answer }) => answer.kind)).toEqual(['taken', 'taken', 'taken']);
  const listed = JSON.parse((await mustBe(0, await hub.run(['list', '--json']))).stdout);
  expect(listed.certificates).toEqual([]);

  const told = await hub.run(['import', certbot.directory]);
  expect(told.code, told.stderr + told.stdout).toBe(1);
  expect(told.stdout).toMatch(/taken {6}mail\.example\.org: .*p384, keeps its key, by pebble/);
  expect(told.stdout).toMatch(/not taken {2}www\.example\.org-0001: it has the same names/);
  expect(told.stdout).toContain('systemctl disable --now certbot.timer');
  expect(told.stdout).toContain('_acme-challenge.mail.example.org. 3600 IN CNAME');
  const again = await imported(hub, [certbot.directory]);
  expect(again.lineages.map(({ answer }) => answer.kind)).toEqual(['there', 'there', 'there']);

  // Before anything in the DNS has changed.
  const agent = await makeAgent(lab, 'web');
  const grants = ['example.org', 'mail.example.org'].flatMap((name) => ['--cert', name]);
  const token = await mustBe(0, await hub.run(['agent', 'add', 'web', ...grants]));
  await mustBe(0, await agent.run(['enroll'], { input: token.stdout }));
  await mustBe(0, await agent.run(['run']));
  const installed = (name: string): string => join(agent.live, name, 'cert.pem');
  for (const name of ['example.org', 'mail.example.org']) {
    expect(await serial(installed(name))).toBe(await serial(live(name)));
  }
  const mailKey = await publicKey(live('mail.example.org'));

  for (const { name, value } of again.records) {
    await nameServer.removeRecords(name);
    await nameServer.addRecord(`${name} CNAME ${value}.`);
  }
  for (const name of ['example.org', 'mail.example.org', 'www.example.org']) {
    await mustBe(0, await hub.run(['renew', name]));
  }
  await mustBe(0, await agent.run(['run']));
  expect(await serial(installed('mail.example.org'))).not.toBe(
    await serial(live('mail.example.org')),
  );
  expect(await publicKey(installed('mail.example.org'))).toBe(mailKey);
  const { authorities } = JSON.parse(
    (await mustBe(0, await hub.run(['account', 'list', '--json']))).stdout,
  );
  expect(authorities[0].account.url).toBe(before.accounts[0]?.url);

  // What certbot has is older now, and takes nothing back.
  const late = await imported(hub, [certbot.directory]);
  expect(late.lineages.map(({ answer }) => answer.kind)).toEqual(['there', 'there', 'there']);
  expect(await readFile(live('example.org'), 'utf8')).toContain('BEGIN CERTIFICATE');
}, 180_000);

interface Made {
  readonly names: readonly string[];
  readonly kind?: KeyKind;
  readonly from?: Date;
  readonly lifetimeMs?: number;
  readonly conf?: string;
}

const day = 86_400_000;

/** A tree as certbot makes it: archive, relative links in live, renewal settings. */
async function plant(directory: string, trees: Readonly<Record<string, Made>>): Promise<void> {
  const issuer = await makeIssuer('Certbot Test');
  for (const [name, made] of Object.entries(trees)) {
    const key = await createKey(made.kind ?? 'p256');
    const names = made.names.flatMap((text) => {
      const parsed = parseDnsName(text);
      return parsed.kind === 'name' ? [parsed.name] : [];
    });
    const from = made.from ?? new Date(Date.now() - day);
    const { chain } = await issuer.issue(
      Buffer.from(await createCsr(names, key)),
      from,
      made.lifetimeMs ?? 60 * day,
      undefined,
    );
    const [leaf = '', ...issuers] = chain.split(/(?<=-----END CERTIFICATE-----\n)/);
    const [archive, live] = [join(directory, 'archive', name), join(directory, 'live', name)];
    await mkdir(archive, { recursive: true });
    await mkdir(live, { recursive: true });
    await mkdir(join(directory, 'renewal'), { recursive: true });
    const parts = { cert: leaf, chain: issuers.join(''), fullchain: chain, privkey: key };
    for (const [part, content] of Object.entries(parts)) {
      await writeFile(join(archive, `${part}1.pem`), content);
      await symlink(`../../archive/${name}/${part}1.pem`, join(live, `${part}.pem`));
    }
    await writeFile(
      join(directory, 'renewal', `${name}.conf`),
      `# renew_before_expiry = 30 days\nversion = 2.1.0\n[renewalparams]\naccount = 0123\n${made.conf ?? 'authenticator = webroot\nserver = https://acme-v02.api.letsencrypt.org/directory\n[[webroot_map]]\nx.example = /var/www\n'}`,
    );
  }
}

test('a tree of twenty lineages, some of them broken: what can be taken is, and the rest is named with its reason', async () => {
  await using estate = await openEstate();
  const { hub, lab } = estate;
  await hub.serve();
  const tree = await lab.makeDirectory('letsencrypt');
  const sound = Array.from({ length: 9 }, (_, index) => `sound${index}.example`);
  const one = (name: string): Made => ({ names: [name] });
  await plant(tree, {
    ...Object.fromEntries(sound.map((name) => [name, { names: [name, `*.${name}`] }])),
    'rsa.example': { names: ['rsa.example'], kind: 'rsa2048', conf: 'reuse_key = True\n' },
    'rsa.example-0001': { names: ['rsa.example'], kind: 'rsa2048' },
    'twin.example': { names: ['twin.example'], kind: 'p384' },
    'twin.example-rsa': { names: ['twin.example'], kind: 'rsa3072' },
    'Upper.example': one('upper.example'),
    'plugin.example': {
      names: ['plugin.example'],
      conf: 'authenticator = dns-cloudflare\ndns_cloudflare_credentials = /root/cf.ini\nrenew_hook = systemctl reload nginx\nfrobnicate = 7\nmust_staple = True\n',
    },
    'expired.example': { names: ['expired.example'], from: new Date(Date.now() - 90 * day) },
    'mismatch.example': one('mismatch.example'),
    'missing.example': one('missing.example'),
    'dangling.example': one('dangling.example'),
    'newer.example': one('newer.example'),
    'garbage.example': one('garbage.example'),
    'bad name.example': one('badname.example'),
    'abandoned.example': one('abandoned.example'),
  });
  const live = (name: string, part: string): string => join(tree, 'live', name, `${part}.pem`);
  await writeFile(live('mismatch.example', 'privkey'), await createKey('p256'));
  await rm(live('missing.example', 'privkey'));
  await rm(join(tree, 'archive/dangling.example/fullchain1.pem'));
  await writeFile(
    join(tree, 'archive/newer.example/cert2.pem'),
    'of a renewal that was broken off',
  );
  await writeFile(live('garbage.example', 'fullchain'), 'no certificate');
  await rm(join(tree, 'renewal/abandoned.example.conf'));
  await mkdir(join(tree, 'accounts/acme-v02.api.letsencrypt.org/directory/broken'), {
    recursive: true,
  });
  const account = join(tree, 'accounts/acme-v02.api.letsencrypt.org/directory/broken');
  await writeFile(join(account, 'private_key.json'), '{"kty": "RSA"}');

  const done = await imported(hub, [tree]);
  const taken = done.lineages.filter(({ answer }) => answer.kind === 'taken');
  expect(taken.map(({ lineage }) => lineage).toSorted()).toEqual(
    [
      ...sound,
      'Upper.example',
      'newer.example',
      'plugin.example',
      'rsa.example',
      'twin.example',
      'twin.example-rsa',
    ].toSorted(),
  );
  expect(taken.find(({ lineage }) => lineage === 'rsa.example')?.answer).toMatchObject({
    keyKind: 'rsa2048',
    reuseKey: true,
  });
  const reasons = new Map(done.untaken.map(({ what, why }) => [what, why]));
  expect(reasons.get('rsa.example-0001')).toContain(
    'the same names and kind of key as rsa.example',
  );
  expect(reasons.get('expired.example')).toMatch(/the certificate ended on/);
  expect(reasons.get('mismatch.example')).toContain('for another key');
  expect(reasons.get('missing.example')).toMatch(/there is no .*privkey\.pem/);
  expect(reasons.get('dangling.example')).toMatch(/fullchain\.pem is a broken link/);
  expect(reasons.get('garbage.example')).toContain('its certificate or key is none');
  expect(reasons.get('bad name.example')).toContain('is not a certificate name');
  expect(reasons.get('abandoned.example')).toContain('certbot does not renew it either');
  expect(reasons.get(account)).toContain("the account can't be read");
  expect(reasons.size).toBe(9);

  const told = (await hub.run(['import', tree, '--dry-run'])).stdout;
  expect(told).toContain('hub issue mismatch.example --no-wildcard');
  expect(told).not.toMatch(/\n\s+at /);
  // Taken as well where somebody asks for it by name.
  const twin = await imported(hub, [tree, '--lineage', 'rsa.example-0001']);
  expect(twin.lineages.map(({ answer }) => answer.kind)).toEqual(['taken']);
  const { certificates } = JSON.parse((await mustBe(0, await hub.run(['list', '--json']))).stdout);
  expect(certificates).toHaveLength(taken.length + 1);
  const planned = await runTool('sqlite3', [
    join(hub.state, 'hub.db'),
    'select count(*) from renewals',
  ]);
  expect(Number(planned)).toBe(certificates.length);
  const nowhere = await mustBe(2, await hub.run(['import', join(tree, 'archive')]));
  expect(nowhere.stderr).toContain('is no directory of certbot');
}, 120_000);

test('the settings that are not taken are named, those that a hub does by itself are not', async () => {
  await using estate = await openEstate();
  const { hub, lab } = estate;
  await hub.serve();
  const tree = await lab.makeDirectory('letsencrypt');
  await plant(tree, {
    'plugin.example': {
      names: ['plugin.example'],
      conf: 'authenticator = dns-cloudflare\ndns_cloudflare_credentials = /root/cf.ini\nrenew_hook = systemctl reload nginx\nfrobnicate = 7\nmust_staple = True\nserver = https://ca.example/directory\n',
    },
  });
  const told = (await mustBe(0, await hub.run(['import', tree, '--dry-run']))).stdout;
  expect(told).toContain(
    'renew_hook = systemctl reload nginx is not taken: agents reload services',
  );
  expect(told).toContain('frobnicate = 7 is not known here');
  expect(told).toContain('must_staple = True is not taken: there is no OCSP any more');
  expect(told).toContain('hub.toml has no authority https://ca.example/directory');
  expect(told).not.toContain('cloudflare');
  expect(told).toContain('Nothing was changed');
});
