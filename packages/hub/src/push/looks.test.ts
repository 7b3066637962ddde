import { describeLook } from '@sixhub/wire';
import { describe, expect, it } from 'vitest';
import { looksAt } from './looks.js';

const at = (
  connect: readonly string[],
  servernames: readonly string[],
  certificate: string,
  ...all: readonly (readonly [string, readonly string[]])[]
): readonly string[] =>
  looksAt({ connect, servernames }, certificate, new Map(all)).map(describeLook);

const org = ['example.org', ['example.org', '*.example.org']] as const;
const www = ['www.example.org', ['www.example.org']] as const;

describe('where a pushed certificate is looked for', () => {
  it('by the name in --connect, or those of --servername; an address has none', () => {
    const connect = ['nas.example.org:443', '[2001:db8::7]:993', '192.0.2.7:443', 'nas:443'];
    expect(at(connect, [], 'example.org', org)).toEqual([
      'nas.example.org:443 (nas.example.org)',
      '[2001:db8::7]:993',
      '192.0.2.7:443',
      'nas:443',
    ]);
    expect(at(['192.0.2.7:443'], ['a.example', 'b.example'], 'example.org', org)).toEqual([
      '192.0.2.7:443 (a.example)',
      '192.0.2.7:443 (b.example)',
    ]);
  });
  it('of several, the one that has the name itself goes before a wildcard', () => {
    const connect = ['www.example.org:443', 'nas.example.org:443', '192.0.2.7:443'];
    expect(at(connect, [], 'example.org', org, www)).toEqual([
      'nas.example.org:443 (nas.example.org)',
    ]);
    expect(at(connect, [], 'www.example.org', org, www)).toEqual([
      'www.example.org:443 (www.example.org)',
    ]);
  });
});
