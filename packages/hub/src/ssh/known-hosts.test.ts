import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fingerprintOf, hostKeyOf, type HostKey } from './host-key.js';
import { judge, knownHostLine, knownTypes, parseKnownHosts } from './known-hosts.js';

const key = (type: string, filling: number): HostKey => {
  const name = Buffer.from(type);
  const head = Buffer.alloc(4);
  head.writeUInt32BE(name.length);
  return hostKeyOf(Buffer.concat([head, name, Buffer.alloc(32, filling)]));
};
const ours = key('ssh-ed25519', 1);
const other = key('ssh-ed25519', 2);
const rsa = key('ssh-rsa', 3);
const line = (hosts: string, { type, blob } = ours): string => `${hosts} ${type} ${blob} a comment`;
const verdict = (text: string, host: string, port = 22, shown = ours): string =>
  judge(parseKnownHosts('file', text), { host, port }, shown).kind;

test.each([
  ['web', 'web', 22, 'known'],
  ['Web', 'web', 22, 'known'],
  ['web', 'webb', 22, 'unknown'],
  ['a,web,b', 'web', 22, 'known'],
  ['web', 'web', 2222, 'unknown'],
  ['[web]:2222', 'web', 2222, 'known'],
  ['[web]:2222', 'web', 22, 'unknown'],
  ['[2001:db8::1]:2222', '2001:db8::1', 2222, 'known'],
  ['*.example.org', 'web.example.org', 22, 'known'],
  ['*.example.org', 'example.org', 22, 'unknown'],
  ['*.example.org', 'web.example.org', 2222, 'unknown'],
  ['[*.example.org]:*', 'web.example.org', 2222, 'known'],
  ['w?b', 'web', 22, 'known'],
  ['w?b', 'wb', 22, 'unknown'],
  ['*', 'anything', 22, 'known'],
  ['*.example.org,!web.example.org', 'web.example.org', 22, 'unknown'],
  ['*.example.org,!web.example.org', 'mail.example.org', 22, 'known'],
  ['!web', 'mail', 22, 'unknown'],
  ['a*b*c', 'axxbyyc', 22, 'known'],
  ['a*b*c', 'axxbyy', 22, 'unknown'],
])('%s is for %s port %d: %s', (hosts, host, port, kind) => {
  expect(verdict(line(hosts), host, port)).toBe(kind);
});

test('a pattern full of stars takes no time', () => {
  expect(verdict(line(`${'*a'.repeat(40)}b`), 'a'.repeat(200))).toBe('unknown');
});

test('a changed key is told with its line, the line of the same kind before another', () => {
  const text = `# head\n\n${line('web', rsa)}\n${line('web', other)}\n`;
  expect(judge(parseKnownHosts('file', text), { host: 'web', port: 22 }, ours)).toMatchObject({
    kind: 'changed',
    at: { file: 'file', line: 4, key: other },
  });
});

test('another kind of key than the known ones counts as changed', () => {
  expect(verdict(line('web', rsa), 'web')).toBe('changed');
  expect(verdict(`${line('web', rsa)}\n${line('web')}`, 'web')).toBe('known');
});

test('a revoked key is refused, also where another line knows it', () => {
  expect(verdict(`${line('web')}\n@revoked ${line('*')}`, 'web')).toBe('revoked');
  expect(verdict(`${line('web')}\n@revoked ${line('*', other)}`, 'web')).toBe('known');
});

test('what is not understood vouches for nobody', () => {
  expect(verdict(`@cert-authority ${line('*')}`, 'web')).toBe('unknown');
  expect(verdict(`@other ${line('web')}`, 'web')).toBe('unknown');
  expect(verdict(`web ssh-ed25519`, 'web')).toBe('unknown');
  expect(verdict(`#${line('web')}`, 'web')).toBe('unknown');
  expect(verdict(line('|1|salt'), 'web')).toBe('unknown');
  expect(verdict(line('|2|AAAA|AAAA'), 'web')).toBe('unknown');
});

test('kinds of keys that are known', () => {
  const lines = parseKnownHosts('file', [line('web', rsa), line('web'), line('db')].join('\n'));
  expect(knownTypes(lines, { host: 'web', port: 22 })).toEqual(['ssh-rsa', 'ssh-ed25519']);
});

test('ssh-keygen finds the line that we add, we find the one that it hashed, and both say the same fingerprint', () => {
  const place = mkdtempSync(join(tmpdir(), 'known-hosts-'));
  try {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(place, 'key')]);
    const [type = '', blob = ''] = readFileSync(join(place, 'key.pub'), 'utf8').split(' ');
    const real = hostKeyOf(Buffer.from(blob, 'base64'));
    expect(real).toEqual({ type, blob });
    const file = join(place, 'known_hosts');
    writeFileSync(
      file,
      `${knownHostLine({ host: 'web', port: 2222 }, real, Buffer.alloc(20, 7))}\n`,
    );
    const found = execFileSync('ssh-keygen', ['-l', '-F', '[web]:2222', '-f', file], {
      encoding: 'utf8',
    });
    expect(found).toContain(fingerprintOf(real));
    writeFileSync(file, `web.example.org,[db]:2222 ${type} ${blob}\n`);
    execFileSync('ssh-keygen', ['-q', '-H', '-f', file], { stdio: 'ignore' });
    const lines = parseKnownHosts(file, readFileSync(file, 'utf8'));
    expect(judge(lines, { host: 'web.example.org', port: 22 }, real).kind).toBe('known');
    expect(judge(lines, { host: 'db', port: 2222 }, real).kind).toBe('known');
    expect(judge(lines, { host: 'db', port: 22 }, real).kind).toBe('unknown');
  } finally {
    rmSync(place, { recursive: true });
  }
});
