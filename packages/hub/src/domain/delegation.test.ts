import { describe, expect, test } from 'vitest';
import { judgeDelegation, type Seen, type Sightings } from './delegation.js';
import { parseDnsName } from './dns-name.js';

const parsed = parseDnsName('example.org');
if (parsed.kind !== 'name') throw new Error('not a name');
const domain = parsed.name;
const target = 'abc.acme-dns.test';

const there: Seen = { kind: 'cname', target: 'ABC.acme-dns.test.' };
const nothing: Seen = { kind: 'nothing' };
const silent: Seen = { kind: 'untested', reason: 'no answer' };
const at = (...seen: readonly Seen[]) => seen.map((saw, index) => ({ by: `ns${index}`, saw }));

function judge(sightings: Sightings) {
  return judgeDelegation(domain, target, sightings);
}

describe('a delegation', () => {
  test('is ready when every name server that answers has it, whatever the resolver remembers', () => {
    expect(judge({ resolver: nothing, nameServers: at(there, silent, there) }).kind).toBe('ready');
  });

  test('is wanted while one name server lacks it', () => {
    expect(judge({ resolver: there, nameServers: at(there, nothing) })).toMatchObject({
      kind: 'wanted',
      record: { name: '_acme-challenge.example.org', target, seen: 'it is not there at ns1' },
    });
  });

  test('is judged by the resolver where no name server can be asked', () => {
    expect(judge({ resolver: there, nameServers: at(silent) }).kind).toBe('ready');
    expect(judge({ resolver: nothing, nameServers: [] }).kind).toBe('wanted');
    expect(judge({ resolver: silent, nameServers: [] })).toMatchObject({
      kind: 'untested',
      record: { seen: 'it could not be looked up: no answer' },
    });
  });

  test('may lead through other aliases, as long as it ends here', () => {
    const first: Seen = { kind: 'cname', target: 'acme.example.net' };
    const seen = { resolver: first, nameServers: at(first) };
    expect(judge({ ...seen, chain: ['acme.example.net', target] }).kind).toBe('ready');
    expect(judge({ ...seen, chain: ['acme.example.net'] }).kind).toBe('wanted');
    // What the resolver remembers of another alias says nothing about this one.
    expect(judge({ ...seen, chain: ['old.example.net', target] }).kind).toBe('wanted');
  });

  test('to elsewhere names both', () => {
    const elsewhere: Seen = { kind: 'cname', target: 'old.example.net' };
    expect(judge({ resolver: elsewhere, nameServers: at(elsewhere) })).toMatchObject({
      record: { target, found: 'old.example.net', seen: 'it points elsewhere at ns0' },
    });
    expect(
      judge({ resolver: elsewhere, nameServers: at(elsewhere), wildcard: 'old.example.net.' }),
    ).toMatchObject({ record: { seen: 'a wildcard CNAME answers in its place at ns0' } });
  });

  test.each([
    ['nobody sees it', { resolver: nothing, nameServers: at(nothing, nothing) }, true],
    ['no name server, and no resolver', { resolver: silent, nameServers: at(nothing) }, true],
    ['one name server does', { resolver: nothing, nameServers: at(there, nothing) }, false],
    ['the resolver does', { resolver: there, nameServers: at(nothing) }, false],
    ['one might', { resolver: nothing, nameServers: at(nothing, silent) }, false],
  ])('is wanted: %s', (_what, sightings, everywhere) => {
    expect(judge(sightings)).toMatchObject({ kind: 'wanted', everywhere });
  });
});
