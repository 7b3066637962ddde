import { ask, checkDnssec, recordType, type Finding, type Question } from '@sixhub/acme-dns';
import { expect, test } from 'vitest';
import {
  makeZoneKeys,
  openLab,
  ports,
  startResolver,
  startZoneTree,
  type KeyOptions,
  type Lab,
  type SigningAlgorithm,
} from '../../lab/index.js';

const domain = 'example.org';
const challenge = `_acme-challenge.${domain}`;
const cname: Question = { name: challenge, type: recordType.CNAME };
const records = [
  `${challenge} CNAME account.auth.org`,
  `${domain} CAA 0 issue "ca.example"`,
  `*.wild.${domain} CNAME Account.Auth.org`,
  `old.${domain} DNAME ${domain}`,
  `child.${domain} NS ns.elsewhere.test`,
];
const day = 86_400_000;
const daysFromNow = (days: number): Date => new Date(Date.now() + days * day);

/** A signed zone above, the zone with one server, and a validating resolver that trusts the zone above. */
async function openHouse(lab: Lab, options: KeyOptions = {}) {
  const tree = await startZoneTree(lab, { domain, servers: 1 });
  const above = await makeZoneKeys(lab, tree.above);
  const keys = await makeZoneKeys(lab, domain, options);
  const validator = await startResolver(lab, tree.stubs, [above.anchor]);
  const [server] = tree.servers;
  if (server === undefined) throw new Error('a tree without a server');
  const parentPlace = { address: tree.parent.address, port: ports.dns };
  const dsThere = async () => {
    const answer = await ask(parentPlace, domain, recordType.DS);
    const found = answer.kind === 'answered' ? answer.response.answer : [];
    return found.flatMap(({ fields }) => (fields.kind === 'ds' ? [fields] : []));
  };
  const place = { address: server.address, port: ports.dns };
  const check = async (asked: Question = cname): Promise<readonly Finding[]> => {
    const about = { zone: domain, parent: tree.above, server: place, who: `ns1.${domain}` };
    return checkDnssec({ ...about, ds: await dsThere(), asked: [asked], now: new Date() });
  };
  return {
    keys,
    server,
    text: tree.zoneText(records),
    delegate: async (ds: readonly string[]): Promise<void> =>
      tree.parent.serve(await above.sign(tree.parentText(ds))),
    check,
    /** Our findings, and what the resolver makes of the same name. */
    async look(asked: Question = cname) {
      const findings = await check(asked);
      await validator.forget();
      const resolver = { address: validator.address, port: ports.dns };
      const how = { recursion: true, dnssec: true, transport: 'tcp', withinMs: 20_000 } as const;
      const told = await ask(resolver, asked.name, asked.type, how);
      if (told.kind === 'silent') throw new Error(`the resolver: ${told.reason}`);
      return { findings, verdict: verdictOf(told.response) };
    },
  };
}

function verdictOf({ rcode, authenticated }: { rcode: number; authenticated: boolean }) {
  if (rcode === 2) return 'bogus';
  return authenticated ? 'secure' : 'insecure';
}

const states = (findings: readonly Finding[]): readonly string[] =>
  findings.map(({ state }) => state);
const said = (findings: readonly Finding[]): string => findings.map(({ what }) => what).join('\n');

const algorithms: readonly SigningAlgorithm[] = [
  'RSASHA256',
  'RSASHA512',
  'ECDSAP256SHA256',
  'ECDSAP384SHA384',
  'ED25519',
  'ED448',
];

test.each(algorithms)('signed by %s: a resolver validates it, and so do we', async (algorithm) => {
  await using lab = await openLab();
  const house = await openHouse(lab, { algorithm, digests: ['SHA-256', 'SHA-384'] });
  await house.delegate(house.keys.ds);
  await house.server.serve(await house.keys.sign(house.text));
  for (const asked of [
    cname,
    { name: domain, type: recordType.CAA },
    { name: domain, type: recordType.SOA },
    { name: `www.${domain}`, type: recordType.CNAME }, // not there at all
    { name: domain, type: recordType.CNAME }, // there, but not as CNAME
    { name: `any.wild.${domain}`, type: recordType.CNAME },
    { name: `any.old.${domain}`, type: recordType.CNAME },
  ]) {
    const { findings, verdict } = await house.look(asked);
    expect([asked, states(findings), verdict]).toEqual([asked, ['ok', 'ok'], 'secure']);
  }
  const wild = await house.look({ name: `any.wild.${domain}`, type: recordType.CNAME });
  expect(said(wild.findings)).toContain('out of a wildcard');
});

test('each digest that a DS record may have', async () => {
  await using lab = await openLab();
  const house = await openHouse(lab, { digests: ['SHA-1', 'SHA-256', 'SHA-384'] });
  await house.server.serve(await house.keys.sign(house.text));
  for (const ds of house.keys.ds) {
    await house.delegate([ds]);
    const { findings, verdict } = await house.look();
    expect([ds, states(findings), verdict]).toEqual([ds, ['ok', 'ok'], 'secure']);
  }
});

test('signatures that are over, not yet, or nearly over', async () => {
  await using lab = await openLab();
  const { keys, server, text, delegate, look } = await openHouse(lab);
  await delegate(keys.ds);
  await server.serve(await keys.sign(text, { from: daysFromNow(-40), to: daysFromNow(-10) }));
  const over = await look();
  expect(over.verdict).toBe('bogus');
  expect(said(over.findings)).toMatch(
    /^ns1\.example\.org: the keys of example\.org: the signature by key \d+ ended at /,
  );
  await server.serve(await keys.sign(text, { from: daysFromNow(10), to: daysFromNow(40) }));
  const early = await look();
  expect(early.verdict).toBe('bogus');
  expect(said(early.findings)).toContain('holds only from ');
  await server.serve(await keys.sign(text, { from: daysFromNow(-29), to: daysFromNow(1) }));
  const overdue = await look();
  expect(overdue.verdict).toBe('secure');
  expect(states(overdue.findings)).toEqual(['wrong', 'wrong']);
  expect(overdue.findings[1]?.what).toMatch(
    /CNAME: signed until .*, 23h 59m from now, and not signed anew$/,
  );
});

test('the DS record of another key, of none, or none at all', async () => {
  await using lab = await openLab();
  const { keys, server, text, delegate, look } = await openHouse(lab);
  const former = await makeZoneKeys(lab, domain);
  await server.serve(await keys.sign(text));
  await delegate(former.ds);
  const moved = await look();
  expect(moved.verdict).toBe('bogus');
  expect(said(moved.findings)).toMatch(
    /^the DS record of example\.org in org stands for the key \d+, ns1\.example\.org has the key /,
  );
  // The hint has the record that would be right: dnssec-dsfromkey's own.
  const [, right = ''] = /DS (.*)$/.exec(keys.ds[0] ?? '') ?? [];
  expect(moved.findings[0]?.hint).toContain(`\nexample.org. DS ${right}\n`);
  await delegate([...former.ds, ...keys.ds]); // in the middle of a change
  expect(await look()).toMatchObject({
    verdict: 'secure',
    findings: [{ state: 'ok' }, { state: 'ok' }],
  });
  await delegate([]);
  expect(await look()).toMatchObject({
    verdict: 'insecure',
    findings: [
      { state: 'ok', what: expect.stringContaining('org has no DS record for example.org') },
    ],
  });
  await server.serve(text); // the new provider does not sign
  await delegate(former.ds);
  const unsigned = await look();
  expect(unsigned.verdict).toBe('bogus');
  expect(said(unsigned.findings)).toContain('ns1.example.org has no DNSKEY');
  await delegate([`${domain} DS 4711 13 3 ${'AB'.repeat(32)}`]); // GOST, which no one computes
  expect(await look()).toMatchObject({ verdict: 'insecure', findings: [{ state: 'not tested' }] });
});

test('what was changed, or left out, after it was signed', async () => {
  await using lab = await openLab();
  const { keys, server, text, delegate, look } = await openHouse(lab);
  await delegate(keys.ds);
  const signed = await keys.sign(text);
  const forged = async (change: string): Promise<string> => {
    expect(change).not.toBe(signed);
    await server.serve(change);
    const { findings, verdict } = await look();
    expect([verdict, findings.at(-1)?.state]).toEqual(['bogus', 'wrong']);
    return findings.at(-1)?.what ?? '';
  };
  const target = 'account.auth.org.';
  expect(await forged(signed.replace(target, `other-${target}`))).toMatch(
    /_acme-challenge\.example\.org CNAME: the signature by key \d+ does not fit/,
  );
  expect(await forged(without(signed, 'CNAME'))).toContain(
    'CNAME: not signed, and org has a DS record',
  );
  expect(await forged(without(signed, 'DNSKEY'))).toContain('the keys of example.org: not signed');
  const others = await makeZoneKeys(lab, domain);
  // Its data by keys that the zone does not list, its keys by those that it does.
  const foreign = keysOf(signed) + withoutKeys(await others.sign(text));
  expect(await forged(foreign)).toMatch(/signed by key \d+, which is none of the zone's/);
});

test('an absence without its proof', async () => {
  await using lab = await openLab();
  const { keys, server, text, delegate, look } = await openHouse(lab);
  await delegate(keys.ds);
  await server.serve((await keys.sign(text)).replace('hostmaster.', 'postmaster.'));
  const gone = await look({ name: `www.${domain}`, type: recordType.CNAME });
  expect([gone.verdict, states(gone.findings)]).toEqual(['bogus', ['ok', 'wrong']]);
  expect(gone.findings[1]?.what).toContain(
    'www.example.org CNAME is not there; the record of example.org that says so: the signature',
  );
});

test('a name of a child zone, and a server that is silent, are not tested', async () => {
  await using lab = await openLab();
  const { keys, server, text, delegate, check } = await openHouse(lab);
  await delegate(keys.ds);
  await server.serve(await keys.sign(text));
  const findings = await check({ name: `x.child.${domain}`, type: recordType.TXT });
  expect(findings.at(-1)).toMatchObject({
    state: 'not tested',
    what: expect.stringContaining('example.org delegates child.example.org'),
  });
  await server.stop();
  expect(await check()).toMatchObject([{ state: 'not tested' }]);
});

/** The records of a signed zone file; dnssec-signzone breaks the long ones over several lines. */
function recordsOf(signed: string): readonly string[] {
  const plain = signed
    .replaceAll(/;.*$/gm, '')
    .replaceAll(/\(([^()]*)\)/g, (_, inside: string) => inside.replaceAll(/\s+/g, ' '));
  let owner = '';
  return plain.split('\n').flatMap((line) => {
    if (line.trim() === '') return [];
    owner = /^\S+/.exec(line)?.[0] ?? owner;
    return [`${owner} ${line.replace(/^\S+/, '').trim()}`];
  });
}

const lines = (records: readonly string[]): string =>
  records.map((record) => `${record}\n`).join('');

/** Without the signatures over records of a type. */
function without(signed: string, covered: string): string {
  return lines(
    recordsOf(signed).filter((record) => !new RegExp(`\\bRRSIG\\s+${covered}\\b`).test(record)),
  );
}

const isKeys = (record: string): boolean => /\s(RRSIG\s+)?DNSKEY\s/.test(record);

function keysOf(signed: string): string {
  return lines(recordsOf(signed).filter(isKeys));
}

function withoutKeys(signed: string): string {
  return lines(recordsOf(signed).filter((record) => !isKeys(record)));
}
