import { expect, test } from 'vitest';
import { hubZone, openPractice, type Finding } from './practice.js';

const bad = (findings: readonly Finding[]): readonly Finding[] =>
  findings.filter(({ state }) => state !== 'ok');

test('all is well: exit 0, each thing that was looked at, and a value seen through the resolver', async () => {
  await using practice = await openPractice();
  await practice.serve(practice.cname);
  const told = await practice.doctor('example.org');
  expect(told.stdout).not.toContain('WRONG');
  expect(told.code).toBe(0);
  for (const line of [
    `${hubZone}, the zone that CNAMEs point into`,
    'pebble, an authority',
    `ok    beispiel.test delegates to ${hubZone}`,
    'ok    org delegates example.org to ns1.example.org, ns2.example.org',
    'ok    the CNAME is at all 2 addresses of its name servers that could be asked',
    'ok    a value published a moment ago is seen at _acme-challenge.example.org through the resolver',
    'ok    CAA lets pebble issue (no CAA record)',
  ]) {
    expect(told.stdout).toContain(line);
  }
  expect(told.stdout).toMatch(/\d+ ok, 0 wrong/);
  expect(told.stdout).not.toContain('PRIVATE');
});

test('the CNAME missing, elsewhere, behind a wildcard, in the way of old TXT records; and which name server lags', async () => {
  await using practice = await openPractice();
  const { tree, cname, target } = practice;
  const record = `_acme-challenge.example.org. 300 IN CNAME ${target}.`;
  const missing = await practice.doctor('example.org');
  expect(missing.code).toBe(1);
  expect(missing.stdout).toContain('WRONG the CNAME is not at ns1.example.org at');
  expect(missing.stdout).toContain(`Create this record:\n        ${record}`);

  await practice.serve('_acme-challenge.example.org CNAME old.example.org');
  expect(bad(await practice.findings())).toContainEqual({
    state: 'wrong',
    what: expect.stringContaining('the CNAME leads to old.example.org at ns1.example.org at'),
    remedy: 'Change it to this:',
    record,
  });

  await practice.serve('*.example.org CNAME www.example.org', 'www.example.org A 192.0.2.7');
  expect(bad(await practice.findings())).toContainEqual({
    state: 'wrong',
    what: expect.stringContaining('a wildcard record answers at ns1.example.org'),
    remedy: 'Create this record itself: it wins over the wildcard.',
    record,
  });

  await practice.serve('_acme-challenge.example.org TXT "old-value"');
  expect(bad(await practice.findings())).toContainEqual(
    expect.objectContaining({
      state: 'wrong',
      what: expect.stringContaining('TXT records stand at _acme-challenge.example.org itself'),
      record: '_acme-challenge.example.org. IN TXT "old-value"',
    }),
  );

  // The second is told of nothing any more: it keeps the older zone.
  const [first, second] = tree.servers;
  await second?.serve(tree.zoneText());
  await first?.serve(tree.zoneText([cname]));
  const lagging = bad(await practice.findings());
  expect(lagging).toContainEqual(
    expect.objectContaining({
      state: 'wrong',
      what: expect.stringMatching(
        /^the CNAME is not at ns2\.example\.org at \S+, which still has serial \d+ \(others have \d+\)$/,
      ),
      record,
    }),
  );
  expect(lagging.some(({ what }) => what.includes('ns1.example.org at'))).toBe(false);
  expect(lagging).toContainEqual(
    expect.objectContaining({
      state: 'doubtful',
      what: expect.stringContaining('an older example.org'),
    }),
  );
});

test('a name server that is gone, one that the zone does not name, one that answers for something else', async () => {
  await using practice = await openPractice();
  const { tree, cname } = practice;
  await practice.serve(cname);
  const [, second] = tree.servers;
  await second?.stop();
  const gone = bad(await practice.findings());
  expect(gone.map(({ what }) => what.replaceAll(/at [\d.]+/g, 'at IP'))).toEqual([
    expect.stringMatching(/^ns2\.example\.org at IP does not answer over UDP/),
    expect.stringMatching(/^ns2\.example\.org at IP does not answer over TCP/),
  ]);

  const [first] = tree.servers;
  await tree.parent.serve(
    tree.parentText(
      [],
      [
        'example.org NS ns1.example.org',
        'example.org NS ns3.example.org',
        `ns1.example.org A ${first?.address}`,
      ],
    ),
  );
  const parent = (await practice.findings()).map(({ what }) => what).join('\n');
  expect(parent).toContain(
    'org has no address for ns3.example.org, which lies below example.org itself',
  );
  expect(parent).toContain(
    'org names ns1.example.org, ns3.example.org, the zone itself ns1.example.org',
  );
  expect(parent).toContain('the name server ns3.example.org has no address');

  // The parent's own server does not serve example.org.
  await tree.parent.serve(
    tree.parentText(
      [],
      [
        'example.org NS ns1.example.org',
        'example.org NS ns4.example.org',
        `ns1.example.org A ${first?.address}`,
        `ns4.example.org A ${practice.above.address}`,
      ],
    ),
  );
  await first?.serve(tree.zoneText([cname, `ns4.example.org A ${practice.above.address}`]));
  const lame = (await practice.findings()).map(({ what }) => what).join('\n');
  expect(lame).toContain(
    `ns4.example.org at ${practice.above.address} does not answer for example.org over UDP: NXDOMAIN`,
  );
  expect(lame).not.toContain('the CNAME is not at ns4');
});

test('an authority that does not say by which name CAA records know it is not judged by them', async () => {
  await using practice = await openPractice();
  await practice.serve(practice.cname, 'example.org CAA 0 issue "other.test"');
  const { stdout } = await practice.doctor('example.org');
  expect(stdout).toContain('?     whether CAA lets pebble issue is not known');
  expect(stdout).toContain('does not say by which name');
});

test('bad input: a name that is none, a domain that nobody knows', async () => {
  await using practice = await openPractice();
  const bad = await practice.doctor('exa mple');
  expect(bad.code).toBe(2);
  expect(bad.stderr).toContain("'exa mple' is not a domain name");
  const unknown = await practice.doctor('nowhere.nothing');
  expect(unknown.stdout).toContain('?     nothing is known of its zone');
  expect(unknown.stdout).toContain('0 wrong');
  const unregistered = await practice.doctor('unregistered.org');
  expect(unregistered.stdout).toContain(
    'WRONG there is no zone for unregistered.org: the top level org delegates nothing of that name',
  );
});
