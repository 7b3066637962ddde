import { X509Certificate } from 'node:crypto';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeAgent, mustBe, openEstate, startApache, type Estate } from '../../lab/index.js';

/** The newest certificate as the authority has it. */
async function newest({ hub, pebble }: Estate, name = 'example.org'): Promise<X509Certificate> {
  const shown = await mustBe(0, await hub.run(['show', name, '--json']));
  const { serial } = JSON.parse(shown.stdout).version;
  const status = JSON.parse(await pebble.manage(`/cert-status-by-serial/${serial}`));
  return new X509Certificate(status.Certificate);
}

function kindOf({ publicKey }: X509Certificate): string {
  const { namedCurve, modulusLength } = publicKey.asymmetricKeyDetails ?? {};
  return namedCurve ?? `rsa ${modulusLength}`;
}

async function tlsa({ hub }: Estate, name = 'example.org'): Promise<string> {
  return (await mustBe(0, await hub.run(['show', name, '--tlsa', '25']))).stdout;
}

test('every kind of key; a change of kind makes the next version, a renewal keeps the kind', async () => {
  await using estate = await openEstate();
  const { hub } = estate;
  await hub.serve();
  await estate.delegate('example.org');
  await mustBe(0, await hub.run(['issue', 'example.org']));
  expect(kindOf(await newest(estate))).toBe('prime256v1');
  for (const [kind, seen] of [
    ['p384', 'secp384r1'],
    ['rsa2048', 'rsa 2048'],
    ['rsa3072', 'rsa 3072'],
    ['rsa4096', 'rsa 4096'],
  ] as const) {
    await mustBe(0, await hub.run(['issue', 'example.org', '--key', kind]));
    expect(kindOf(await newest(estate))).toBe(seen);
  }
  await mustBe(0, await hub.run(['renew', 'example.org']));
  expect(kindOf(await newest(estate))).toBe('rsa 4096');
  const unchanged = await mustBe(0, await hub.run(['issue', 'example.org']));
  expect(unchanged.stdout).toContain('has a valid certificate already');
  const odd = await mustBe(2, await hub.run(['issue', 'example.org', '--key', 'dsa']));
  expect(odd.stderr).toContain('is no kind of key; known: p256, p384, rsa2048');
});

test('the default kind is hub.toml’s', async () => {
  await using estate = await openEstate();
  const { hub } = estate;
  await writeFile(hub.config, `key = "p384"\n${await readFile(hub.config, 'utf8')}`);
  await hub.serve();
  await estate.delegate('example.org');
  await mustBe(0, await hub.run(['issue', 'example.org']));
  expect(kindOf(await newest(estate))).toBe('secp384r1');
});

test('two kinds are two certificates of the same names, each renewed by itself', async () => {
  await using estate = await openEstate();
  const { hub } = estate;
  await hub.serve();
  await estate.delegate('example.org');
  await mustBe(0, await hub.run(['issue', 'example.org', '--key', 'p256,rsa2048']));
  expect(kindOf(await newest(estate))).toBe('prime256v1');
  expect(kindOf(await newest(estate, 'example.org-rsa'))).toBe('rsa 2048');
  const own = await tlsa(estate);
  const other = await tlsa(estate, 'example.org-rsa');
  // Both are published side by side: a client sees either key.
  expect(other.split(' ').slice(0, -1)).toEqual(own.split(' ').slice(0, -1));
  expect(other).not.toBe(own);
  await mustBe(0, await hub.run(['renew', 'example.org-rsa']));
  expect(kindOf(await newest(estate, 'example.org-rsa'))).toBe('rsa 2048');
  const twice = await mustBe(2, await hub.run(['issue', 'example.org', '--key', 'p256,p384']));
  expect(twice.stderr).toContain('Two kinds are an RSA one and another');
});

test('two kinds at one Apache: each is installed, asked for by its kind, and proven', async () => {
  await using estate = await openEstate();
  const { hub, lab } = estate;
  await hub.serve();
  await estate.delegate('example.org');
  await mustBe(0, await hub.run(['issue', 'example.org', '--key', 'p256,rsa2048']));
  const agent = await makeAgent(lab, 'web');
  const both = ['example.org', 'example.org-rsa'];
  const { stdout: token } = await mustBe(
    0,
    await hub.run(['agent', 'add', 'web', ...both.flatMap((name) => ['--cert', name])]),
  );
  await mustBe(0, await agent.run(['enroll'], { input: token }));
  await mustBe(0, await agent.run(['run']));
  const [certificate, second] = both.map((name) => join(agent.live, name));
  const names = ['www.example.org'] as const;
  const apache = await startApache(lab, [
    {
      ...{ address: lab.address(), names, certificate: certificate ?? '' },
      ...(second === undefined ? {} : { second }),
    },
  ]);
  await agent.configure([{ apache, certificates: both, names }]);
  await mustBe(0, await hub.run(['renew', 'example.org-rsa']));
  await mustBe(0, await hub.run(['renew', 'example.org']));
  await mustBe(0, await agent.run(['run']));
  for (const name of both) {
    const shown = await mustBe(0, await hub.run(['show', name]));
    expect(shown.stdout).toMatch(/web · apache · serving since [^(]*$/m);
  }
});

test('a kept key keeps its TLSA record through renewals; a new one does not, and that is said', async () => {
  await using estate = await openEstate();
  const { hub } = estate;
  await hub.serve();
  await estate.delegate('example.org');
  await mustBe(0, await hub.run(['issue', 'example.org']));
  const shown = await mustBe(0, await hub.run(['show', 'example.org', '--tlsa', '25']));
  expect(shown.stdout).toMatch(/^_25\._tcp\.example\.org\. 3600 IN TLSA 3 1 1 [0-9a-f]{64}\n$/);
  expect(shown.stderr).toContain('hub issue example.org --reuse-key');
  await mustBe(0, await hub.run(['renew', 'example.org']));
  expect(await tlsa(estate)).not.toBe(shown.stdout);

  const before = await tlsa(estate);
  await mustBe(0, await hub.run(['issue', 'example.org', '--reuse-key']));
  expect(await tlsa(estate), 'the key that is published is the one that is kept').toBe(before);
  await mustBe(0, await hub.run(['renew', 'example.org']));
  expect(await tlsa(estate)).toBe(before);
  await mustBe(0, await hub.run(['issue', 'example.org', '--new-key']));
  expect(await tlsa(estate)).not.toBe(before);
});

test('of alternate chains, the preferred one is kept', async () => {
  await using estate = await openEstate({ pebble: { alternateRoots: 2 } });
  const { hub, pebble } = estate;
  const root = new X509Certificate(await pebble.manage('/roots/2'));
  const intermediate = new X509Certificate(await pebble.manage('/intermediates/2'));
  await appendFile(hub.config, `preferred_chain = "${root.subject.replace(/^.*CN=/s, '')}"\n`);
  await hub.serve();
  await estate.delegate('example.org');
  await mustBe(0, await hub.run(['issue', 'example.org']));
  const leaf = JSON.parse((await hub.run(['show', 'example.org', '--json'])).stdout);
  expect(intermediate.checkIssued(root)).toBe(true);
  expect(leaf.version.issuer).toBe(intermediate.subject.replace(/^.*CN=/s, ''));
});
