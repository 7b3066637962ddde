import { expect, test } from 'vitest';
import { startTestAuthority, type TestAuthority } from '../../authority/authority.js';
import { mustBe } from '../../lab/index.js';
import { openPractice, type Practice } from './practice.js';

async function withTwoAuthorities(
  work: (practice: Practice, first: TestAuthority, second: TestAuthority) => Promise<void>,
): Promise<void> {
  const started: TestAuthority[] = [];
  await using practice = await openPractice({
    authorities: async (lab, lookup) => {
      for (const name of ['first', 'second']) {
        started.push(
          await startTestAuthority(lab, { name, lookup, caaIdentities: [`${name}.test`] }),
        );
      }
      return started;
    },
  });
  const [first, second] = started;
  if (first === undefined || second === undefined) throw new Error('two authorities');
  await work(practice, first, second);
}

test('an authority that CAA forbids is not bothered, and the next one issues', async () => {
  await withTwoAuthorities(async (practice, first, second) => {
    const { hub } = practice;
    await practice.serve(practice.cname, 'example.org CAA 0 issue "second.test"');
    const examined = await practice.doctor('example.org');
    expect(examined.stdout).toContain(
      'look  pebble may not issue for example.org: CAA at example.org does not allow it: issue "second.test" is for second.test',
    );
    expect(examined.stdout).toContain('Add to example.org: CAA 0 issue "first.test"; others may.');
    expect(examined.stdout).toContain(
      'CAA lets pebble2 issue (CAA at example.org: issue "second.test")',
    );
    expect(examined.code).toBe(0);

    // The hub goes on by itself when the record is there; this joins it, or comes after it.
    await mustBe(0, await hub.run(['issue', 'example.org']));
    const shown = JSON.parse((await hub.run(['show', 'example.org', '--json'])).stdout);
    expect(shown.version.issuer).toContain('second');
    expect(await practice.log()).toContain('pebble was not asked: example.org: CAA at example.org');
    expect(first.ledger.orders).toHaveLength(0);
    expect(second.ledger.orders).toHaveLength(1);
  });
});

test('a CAA record that forbids all, by issuer for the wildcard, by method, by account: said before any order', async () => {
  await withTwoAuthorities(async (practice, first, second) => {
    const { hub, cname } = practice;
    const expectRefused = async (why: string): Promise<void> => {
      const refused = await hub.run(['issue', 'example.org']);
      expect(refused.code).toBe(1);
      expect(refused.stderr).toContain(why);
      const examined = await practice.doctor('example.org');
      expect(examined.stdout).toContain(why);
      expect(examined.stdout).toContain('WRONG pebble may not issue');
      expect(examined.code).toBe(1);
    };
    await practice.serve(
      cname,
      'example.org CAA 0 issue "first.test"',
      'example.org CAA 0 issuewild ";"',
    );
    await expectRefused('issuewild ";" allows nobody');
    await practice.serve(cname, 'example.org CAA 0 issue "first.test; validationmethods=http-01"');
    await expectRefused('allows http-01 alone, and the hub validates by dns-01');
    await practice.serve(
      cname,
      'example.org CAA 0 issue "first.test; accounturi=https://first.test/7"',
    );
    await expectRefused('is for the account https://first.test/7');
    expect(first.ledger.orders).toHaveLength(0);
    expect(second.ledger.orders).toHaveLength(0);

    const [account] = first.ledger.accounts;
    const accountUrl = `${new URL(first.directory).origin}/account/${account?.id}`;
    await practice.serve(
      cname,
      `example.org CAA 0 issue "first.test; validationmethods=dns-01; accounturi=${accountUrl}"`,
    );
    const issued = await mustBe(0, await hub.run(['issue', 'example.org']));
    expect(issued.stdout).toContain('issued by first');
  });
});

test('what no certificate of the domain asks for is not judged', async () => {
  await withTwoAuthorities(async (practice) => {
    const { hub, cname } = practice;
    const wanted = ['issue', 'example.org', '--no-wildcard'];
    await mustBe(3, await hub.run([...wanted, '--wait-delegation', '0']));
    await practice.serve(
      cname,
      'example.org CAA 0 issue "first.test"',
      'example.org CAA 0 issuewild ";"',
    );
    await mustBe(0, await hub.run(wanted));
    const examined = await practice.doctor('example.org');
    expect(examined.stdout).toContain('CAA lets pebble issue');
    expect(examined.stdout).not.toContain('*.example.org');
    expect(examined.code).toBe(0);
  });
});
