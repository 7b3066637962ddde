import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProgramResult } from '@sixhub/base';
import { beforeAll, expect, it } from 'vitest';
import { makeCertificateFiles } from '../../testing/certificate-files.js';
import { linesOf } from '../../testing/reading.js';
import type { ReaderParts } from '../reader-parts.js';
import { readHaproxy } from './read-haproxy.js';

let pem: string;
beforeAll(async () => {
  const root = await mkdtemp(join(tmpdir(), 'haproxy-unit-'));
  const { joined } = await makeCertificateFiles(root, ['one.example', '*.one.example']);
  pem = await readFile(joined, 'utf8');
  await rm(root, { recursive: true });
});

/** Each path ending with .pem is the certificate; conditions are what `judged` says. */
const read = async (
  text: string,
  files: Readonly<Record<string, string>> = {},
  judged: (condition: string) => number = () => 0,
): Promise<readonly string[]> => {
  const parts: ReaderParts = {
    run: (_, words) => {
      const code = words[0] === '-cc' ? judged(words[1] ?? '') : 0;
      const result: ProgramResult = { kind: 'exited', code, stdout: '', stderr: '' };
      return Promise.resolve(result);
    },
    files: {
      read: (path) => {
        const found = { '/etc/haproxy/haproxy.cfg': text, ...files }[path];
        if (found === undefined && path.endsWith('.pem')) return Promise.resolve(pem);
        return found === undefined ? Promise.reject(new Error('ENOENT')) : Promise.resolve(found);
      },
      list: () => Promise.reject(new Error('ENOTDIR')),
    },
  };
  return linesOf(await readHaproxy(parts, undefined), '/srv');
};
const both = (place: string): readonly string[] =>
  ['-', 'one.example'].map((name) => `a.pem ${place} ${name}`);

it('takes addresses as they are written', async () => {
  expect(
    await read(`frontend f
      bind 192.0.2.1:443,ipv6@:444,tcp4@192.0.2.2:445,[2001:db8::1]:446 ssl crt /srv/a.pem
      bind 192.0.2.1:450-451 crt /srv/a.pem ssl
      bind localhost:452,quic4@:453,fd@3,/run/x ssl crt /srv/a.pem
      bind 192.0.2.1:454 crt /srv/a.pem`),
  ).toEqual(
    [
      ...both('192.0.2.1:443'),
      ...both('[::1]:444'),
      ...both('127.0.0.1:444'),
      ...both('192.0.2.2:445'),
      ...both('[2001:db8::1]:446'),
      ...both('192.0.2.1:450'),
      ...both('192.0.2.1:451'),
    ].sort(),
  );
});

it('asks the kernel which families `::` takes', async () => {
  const text = 'frontend f\n bind :::443 ssl crt /srv/a.pem';
  expect(await read(text, { '/proc/sys/net/ipv6/bindv6only': '1\n' })).toEqual(both('[::1]:443'));
});

it('says nothing of what two share, nor of what it does not know', async () => {
  expect(
    await read(`frontend f
      bind 192.0.2.1:443 ssl crt /srv/a.pem
      bind 192.0.2.1:444 ssl crt "/srv/$NAME.pem"
      bind "$ADDRESS:445" ssl crt /srv/a.pem
      bind 192.0.2.1:446 ssl crt @store/a.pem
      bind 192.0.2.1:447 ssl crt /srv/a.pem crt /srv/nowhere
      bind 192.0.2.1:448 ssl crt /srv/a.pem interface eth0
    frontend g
      bind 192.0.2.1:443 ssl crt /srv/b.pem
    frontend h
      bind 192.0.2.1:449 ssl crt /srv/a.pem
      tcp-request connection expect-proxy layer4`),
  ).toEqual([]);
});

it('finds certificates from default-path and crt-base, and variables of /etc/default/haproxy', async () => {
  expect(
    await read(
      `global
        default-path origin /srv
        crt-base certs
      frontend f
        bind "$PLACE" ssl crt a.pem`,
      { '/etc/default/haproxy': '# PLACE=x\nPLACE="192.0.2.1:443"\n' },
    ),
  ).toEqual(both('192.0.2.1:443').map((line) => `certs/${line}`));
});

it('leaves out what is disabled, by itself or by its defaults', async () => {
  expect(
    await read(`defaults off
      disabled
    frontend a
      bind 192.0.2.1:1 ssl crt /srv/a.pem
    frontend b
      enabled
      bind 192.0.2.1:2 ssl crt /srv/a.pem
    defaults on
    frontend c
      bind 192.0.2.1:3 ssl crt /srv/a.pem
    frontend d from off
      bind 192.0.2.1:4 ssl crt /srv/a.pem`),
  ).toEqual([...both('192.0.2.1:2'), ...both('192.0.2.1:3')]);
});

it('takes the branches that HAProxy says hold, and none where it can not say', async () => {
  const asked: string[] = [];
  const lines = await read(
    `frontend f
      .if version_atleast(2.4)
        .if "$UNKNOWN"
          bind 192.0.2.1:1 ssl crt /srv/a.pem
        .else
          bind 192.0.2.1:2 ssl crt /srv/a.pem
        .endif
        bind 192.0.2.1:3 ssl crt /srv/a.pem
      .elif never-asked
        bind 192.0.2.1:4 ssl crt /srv/a.pem
      .endif
      .if no
        .if never-asked
          bind 192.0.2.1:5 ssl crt /srv/a.pem
        .else
          bind 192.0.2.1:6 ssl crt /srv/a.pem
        .endif
      .else
        bind 192.0.2.1:7 ssl crt /srv/a.pem
      .endif`,
    {},
    (condition) => {
      asked.push(condition);
      return condition === 'no' ? 1 : 0;
    },
  );
  expect(lines).toEqual([...both('192.0.2.1:3'), ...both('192.0.2.1:7')]);
  expect(asked).toEqual(['version_atleast(2.4)', 'no']);
});

it('has more than one certificate for none by default-crt, and does not guess what `*` comes to', async () => {
  expect(
    await read(
      `frontend f
      bind 192.0.2.1:1 ssl crt /srv/a.pem default-crt /srv/b.pem
      bind 192.0.2.1:2 ssl crt /srv/a.pem crt-list /srv/list
      bind 192.0.2.1:3 ssl strict-sni crt /srv/a.pem`,
      { '/srv/list': 'c.pem *\n' },
    ),
  ).toEqual([
    'a.pem 192.0.2.1:1 one.example',
    'a.pem 192.0.2.1:2 one.example',
    'a.pem 192.0.2.1:3 one.example',
    'b.pem 192.0.2.1:1 -',
  ]);
});
