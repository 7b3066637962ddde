import { certificateName } from '@sixhub/protocol';
import { describe, expect, it } from 'vitest';
import { sampleService } from '../testing/samples.js';
import { looksFor } from './look.js';

const [org, www, net] = ['example.org', 'www.example.org', 'example.net'].map((name) =>
  certificateName.parse(name),
);
const namesOf = new Map([
  ['example.org', ['example.org', '*.example.org']],
  ['www.example.org', ['www.example.org']],
  ['example.net', ['example.net']],
]);
const at = (service: Parameters<typeof looksFor>[0], certificate: string): unknown[] =>
  looksFor(service, certificate, namesOf).map(({ servername }) => servername);
const three = { certificates: [org, www, net].flatMap((name) => name ?? []) };

describe('where a certificate is looked at', () => {
  it('without SNI where agent.toml names none', () => {
    expect(at(sampleService(), 'example.org')).toEqual([undefined]);
  });
  it('under every name, at every address', () => {
    const connect = [
      { protocol: 'tls' as const, host: '::1', port: 443 },
      { protocol: 'tls' as const, host: '127.0.0.1', port: 443 },
    ];
    const names = ['www.example.org', 'not.covered.test'];
    expect(at(sampleService({ connect, names }), 'example.org')).toEqual([...names, ...names]);
  });
  it('of several, the one that has the name itself goes before a wildcard', () => {
    const service = sampleService({
      ...three,
      names: ['www.example.org', 'mail.example.org', 'a.b.example.org'],
    });
    expect(at(service, 'example.org')).toEqual(['mail.example.org']);
    expect(at(service, 'www.example.org')).toEqual(['www.example.org']);
  });
  it('a name that none is for is taken where there is no other', () => {
    const service = sampleService({ ...three, names: ['www.example.org', 'localhost'] });
    expect(at(service, 'example.net')).toEqual(['localhost']);
    expect(at(sampleService({ ...three, names: ['www.example.org'] }), 'example.net')).toEqual([]);
  });
});
