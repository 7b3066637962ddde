import { Resolver } from 'node:dns/promises';
import { appendFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { startTestAuthority, type TestAuthority } from '../../authority/authority.js';
import { mustBe, openEstate, type Estate } from '../../lab/index.js';

interface Standing {
  readonly estate: Estate;
  readonly authority: TestAuthority;
}

/** A hub with the switch on, and an authority that looks records up through the lab's resolver. */
async function open(): Promise<Standing> {
  const made: { authority?: TestAuthority; resolver?: string } = {};
  const lookup = async (name: string): Promise<readonly string[]> => {
    const resolver = new Resolver({ timeout: 2_000, tries: 2 });
    resolver.setServers(made.resolver === undefined ? [] : [made.resolver]);
    const records = await resolver.resolveTxt(name).catch(() => []);
    return records.map((strings) => strings.join(''));
  };
  const estate = await openEstate({
    directory: async (lab) => {
      const dnsPersist = { issuers: ['standing.test'], draft: 2 } as const;
      made.authority = await startTestAuthority(lab, { name: 'standing', lookup, dnsPersist });
      return made.authority;
    },
  });
  made.resolver = estate.resolver.server;
  if (made.authority === undefined) throw new Error('no authority');
  await appendFile(estate.hub.config, 'dns_persist = true\n');
  return { estate, authority: made.authority };
}

test('the record that is printed, pasted as it is, proves apex and wildcard without a CNAME', async () => {
  const { estate, authority } = await open();
  await using _ = estate;
  const { hub, nameServer } = estate;
  await hub.serve();
  const asked = await mustBe(3, await hub.run(['issue', 'example.org', '--wait-delegation', '0']));
  expect(asked.stderr).toContain('It is a draft');
  expect(asked.stderr).toContain('_acme-challenge.example.org. 300 IN CNAME ');
  const line = recordIn(asked.stderr, 'TXT');
  const value = /^ {4}value {2}(standing\.test; .*)$/m.exec(asked.stderr)?.[1];
  expect(line).toBe(`_validation-persist.example.org. 300 IN TXT "${value}"`);

  await nameServer.addRecord(line);
  const issued = await mustBe(0, await hub.run(['issue', 'example.org']));
  expect(issued.stderr).toContain('the standing record does for pebble, no CNAME is needed');
  expect(issued.stderr).not.toContain('published');
  expect(authority.ledger.authorizations.map(({ answered }) => answered)).toEqual([
    'dns-persist-01',
    'dns-persist-01',
  ]);
  await mustBe(0, await hub.run(['renew', 'example.org']));
  const examined = await mustBe(1, await hub.run(['doctor', 'example.org']));
  expect(examined.stdout).toContain('no CNAME is needed at pebble, which sees a standing record');
  const records = await hub.run(['records']);
  expect(records.stdout).toContain(
    `(dns-persist-01, a draft): there\n${line.replace(' 300 ', ' 3600 ')}`,
  );
  expect(records.stdout).not.toContain('_acme-challenge');
  // The account's new key is another hash; the authority knows the old one, and so does the hub.
  await mustBe(0, await hub.run(['account', 'rollover', 'pebble']));
  await mustBe(0, await hub.run(['renew', 'example.org']));
  expect(authority.ledger.authorizations.every((one) => one.answered === 'dns-persist-01')).toBe(
    true,
  );
});

test('the record is taken out: a renewal asks for the CNAME, and goes on with it', async () => {
  const { estate, authority } = await open();
  await using _ = estate;
  const { hub, nameServer } = estate;
  await hub.serve();
  const asked = await mustBe(3, await hub.run(['issue', 'example.org', '--wait-delegation', '0']));
  await nameServer.addRecord(recordIn(asked.stderr, 'TXT'));
  await mustBe(0, await hub.run(['issue', 'example.org']));

  await nameServer.removeRecords('_validation-persist.example.org');
  const renewed = await mustBe(
    3,
    await hub.run(['renew', 'example.org', '--wait-delegation', '0']),
  );
  expect(renewed.stderr).toContain('For example.org: it is not there');
  await nameServer.addRecord(recordIn(renewed.stderr, 'CNAME'));
  const issued = await mustBe(0, await hub.run(['renew', 'example.org']));
  expect(issued.stderr).toContain('2 challenge values published');
  // The hub may have gone on by itself before it was asked again.
  const later = authority.ledger.authorizations.slice(2);
  expect(later.length).toBeGreaterThanOrEqual(2);
  expect(new Set(later.map(({ answered }) => answered))).toEqual(new Set(['dns-01']));
});

function recordIn(printed: string, type: 'TXT' | 'CNAME'): string {
  const line = new RegExp(`^ *(\\S+ 300 IN ${type} .*)$`, 'm').exec(printed)?.[1];
  if (line === undefined) throw new Error(`no ${type} record was printed: ${printed}`);
  return line;
}
