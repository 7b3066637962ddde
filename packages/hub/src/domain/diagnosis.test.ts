import { describe, expect, test } from 'vitest';
import { diagnose } from './diagnosis.js';
import { parseDnsName } from './dns-name.js';
import type { ServerSurvey, Survey } from './survey.js';

const parsed = parseDnsName('example.org');
if (parsed.kind !== 'name') throw new Error('not a name');
const domain = parsed.name;
const target = 'abc.acme-dns.test';
const there = { kind: 'cname', target } as const;

function server(name: string, more: Partial<ServerSurvey> = {}): ServerSurvey {
  return {
    ...{ name, address: '2001:db8::1', inParent: true, inZone: true },
    ...{ udp: { kind: 'authoritative' }, tcp: { kind: 'authoritative' } },
    ...{ serial: 7, cname: there, leftovers: [], caaFault: undefined },
    ...more,
  };
}

function survey(more: Partial<Survey> = {}): Survey {
  const names = ['ns1.example.org', 'ns2.example.org'];
  const glue = names.map((name) => ({ name, address: '2001:db8::1' }));
  return {
    ...{ domain, name: '_acme-challenge.example.org', zone: 'example.org' },
    parent: {
      kind: 'asked',
      zone: 'org',
      referrals: [{ by: 'a', names, glue, isOwnServer: false }],
      silent: [],
      ds: [],
    },
    servers: names.map((name) => server(name)),
    ...{ homeless: [], notFound: [], resolver: there, chain: [], wildcard: undefined },
    ...more,
  };
}

const bad = (seen: Survey) => diagnose(seen, target).filter(({ state }) => state !== 'ok');
const only = (seen: Survey) => bad(seen).map(({ state, what }) => `${state}: ${what}`);

test('nothing is wrong where nothing is', () => {
  expect(bad(survey())).toEqual([]);
});

describe('this machine sees another DNS than the world', () => {
  test('a resolver with another view is told, and does not count', () => {
    expect(only(survey({ resolver: { kind: 'nothing' } }))).toEqual([
      "doubtful: this machine's resolver does not see it, unlike the name servers",
    ]);
    const inside = survey({ resolver: { kind: 'cname', target: 'intern.example' } });
    expect(bad(inside)[0]?.remedy).toContain('split horizon');
  });

  test('name servers that can not be asked: the resolver decides, and each is called not tested', () => {
    const blocked = { kind: 'untested', reason: 'no route' } as const;
    const servers = ['ns1.example.org', 'ns2.example.org'].map((name) =>
      server(name, { udp: blocked, tcp: blocked, cname: blocked, serial: undefined }),
    );
    expect(only(survey({ servers }))).toEqual([
      'not tested: ns1.example.org at 2001:db8::1: no route',
      'not tested: ns2.example.org at 2001:db8::1: no route',
    ]);
    const unseen = bad(survey({ servers, resolver: blocked })).at(-1);
    expect(unseen).toMatchObject({
      state: 'not tested',
      remedy: expect.stringContaining('trusted = ["example.org"]'),
    });
    expect(only(survey({ servers, resolver: { kind: 'nothing' } })).at(-1)).toBe(
      'wrong: the resolver finds no CNAME at _acme-challenge.example.org',
    );
  });
});

test('serials are compared in their circle (RFC 1982)', () => {
  const servers = [
    server('ns1.example.org', { serial: 4_294_967_290 }),
    server('ns2.example.org', { serial: 3 }),
  ];
  expect(only(survey({ servers }))).toEqual([
    'doubtful: an older example.org than serial 3 is at ns1.example.org at 2001:db8::1 (4294967290)',
  ]);
});

test('a server above that answers for the zone itself need not add glue', () => {
  const names = ['ns1.example.org', 'ns2.example.org'];
  const above = (isOwnServer: boolean): Survey =>
    survey({
      parent: {
        kind: 'asked',
        zone: 'org',
        referrals: [{ by: 'a', names, glue: [], isOwnServer }],
        silent: [],
        ds: [],
      },
    });
  expect(bad(above(true))).toEqual([]);
  expect(bad(above(false))).toHaveLength(2);
});

test('a name server that can not answer the CAA type stops every authority', () => {
  const servers = [server('ns1.example.org', { caaFault: 'it answers SERVFAIL' })];
  expect(only(survey({ servers })).join()).toContain(
    "wrong: ns1.example.org at 2001:db8::1 can't be asked for CAA records of example.org: it answers SERVFAIL",
  );
});
