import { describe, expect, test } from 'vitest';
import { judgeCaa, type Applicant, type CaaRecord, type CaaSighting } from './caa.js';

const account = 'https://ca.test/acct/7';
const applicant: Applicant = {
  identities: ['ca.test', 'ca.example'],
  methods: ['dns-01'],
  accountUrl: account,
};

/** `[128] tag value`, as a zone file has it. */
function at(name: string, ...lines: readonly string[]): CaaSighting {
  const records = lines.map((line): CaaRecord => {
    const [, flags = '0', tag = '', value = ''] = /^(?:(\d+) )?(\S+) ?(.*)$/.exec(line) ?? [];
    return { critical: Number(flags) >= 128, tag, value };
  });
  return { kind: 'records', at: name, records };
}
const judge = (sighting: CaaSighting, wildcard = false, who = applicant) =>
  judgeCaa(sighting, wildcard, who);

describe('allowed', () => {
  test.each([
    ['its name', 'issue ca.test'],
    ['another name of it', 'issue CA.example'],
    ['with a final semicolon', 'issue ca.test;'],
    ['with spaces', 'issue  ca.test ; validationmethods = dns-01'],
    ['by this method', 'issue ca.test; validationmethods=http-01,dns-01'],
    ['for this account', `issue ca.test; accounturi=${account}`],
    ['with parameters of its own', 'issue ca.test; x=1; y=2'],
    ['records about other things', 'iodef mailto:admin@example.org'],
    ['records about mail', 'issuemail ;'],
  ])('%s', (_, line) => {
    expect(judge(at('example.org', line)).kind).toBe('allowed');
  });

  test('by one of several, by none at all', () => {
    expect(judge(at('example.org', 'issue other.test', 'issue ca.test')).kind).toBe('allowed');
    expect(judge({ kind: 'none' }).kind).toBe('allowed');
  });

  test('issuewild speaks for wildcards alone', () => {
    const both = at('example.org', 'issue other.test', 'issuewild ca.test');
    expect(judge(both, true).kind).toBe('allowed');
    expect(judge(both, false).kind).toBe('forbidden');
    expect(judge(at('example.org', 'issuewild ;'), false).kind).toBe('allowed');
  });
});

describe('forbidden', () => {
  test.each([
    ['another authority', 'issue other.test', 'is for other.test'],
    ['nobody', 'issue ;', 'allows nobody'],
    ['nobody, by an empty value', 'issue', 'allows nobody'],
    ['another method', 'issue ca.test; validationmethods=http-01', 'allows http-01 alone'],
    ['another account', 'issue ca.test; accounturi=https://ca.test/acct/8', 'acct/8'],
    ['malformed', 'issue %%%', 'malformed'],
    ['malformed parameters', 'issue ca.test; what', 'malformed'],
    ['a part of its name', 'issue test', 'is for test'],
    ['an unknown critical property', '128 quantum yes', 'critical property quantum'],
  ])('%s', (_, line, why) => {
    const verdict = judge(at('example.org', line));
    expect(verdict).toMatchObject({ kind: 'forbidden', why: expect.stringContaining(why) });
  });

  test('says what to add, and where', () => {
    expect(judge(at('org', 'issue other.test'))).toMatchObject({
      remedy: 'Add to org: CAA 0 issue "ca.test"',
    });
    expect(judge(at('example.org', 'issuewild ;'), true)).toMatchObject({
      remedy: 'Add to example.org: CAA 0 issuewild "ca.test"',
    });
  });

  test('an account that is wanted before there is one', () => {
    const verdict = judge(at('example.org', `issue ca.test; accounturi=${account}`), false, {
      ...applicant,
      accountUrl: undefined,
    });
    expect(verdict).toMatchObject({ why: expect.stringContaining('the hub has none there yet') });
  });
});

test('what could not be looked up, and an authority that does not say its name, are not judged', () => {
  expect(judge({ kind: 'untested', reason: 'SERVFAIL' }).kind).toBe('unknown');
  const nameless = { ...applicant, identities: [] };
  expect(judge(at('example.org', 'issue ca.test'), false, nameless).kind).toBe('unknown');
});
