import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeCertificateFiles } from '../../testing/certificate-files.js';
import { freePorts } from '../../testing/loopback.js';
import { makeHaproxy, type Haproxy } from '../../testing/haproxy.js';
import { realParts } from '../../testing/reader-parts.js';
import { linesOf } from '../../testing/reading.js';
import { contradicted, usesIn } from '../../testing/shown-certificate.js';
import { readHaproxy } from './read-haproxy.js';

let root: string;
let haproxy: Haproxy;
let host: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'read-haproxy-'));
  haproxy = await makeHaproxy(root, root, []);
  [host = ''] = haproxy.address.split(':');
});
afterEach(async () => {
  await haproxy[Symbol.asyncDispose]();
  await rm(root, { recursive: true, force: true });
});

/** ROOT/NAME.pem, for these names. */
const certificate = async (name: string, ...names: readonly string[]): Promise<void> => {
  const type = name.startsWith('rsa') ? 'rsa' : 'ecdsa';
  const { joined } = await makeCertificateFiles(join(root, 'made', name), names, type);
  await copyFile(joined, join(root, `${name}.pem`));
};
const configure = (lines: string): Promise<void> =>
  haproxy.configure(`global\n  crt-base ${root}\n${lines}`);

it('says what clients are shown, by address and name', async () => {
  await certificate('a', 'a.example', '*.wild.example');
  await certificate('b', 'b.example', 'a.example', 'exact.wild.example', 'x.both.example');
  await certificate('rsa', '*.both.example', 'a.example', 'r.example');
  await certificate('c', 'c.example');
  const [named = 0, wide = 0, six = 0, both = 0, from = 0, other = 0, off = 0] = await freePorts(
    host,
    7,
  );
  await mkdir(join(root, 'all'));
  for (const name of ['b', 'a'])
    await copyFile(join(root, `${name}.pem`), join(root, 'all', `${name}.pem`));
  await writeFile(join(root, 'all/.hidden.pem'), 'nonsense');
  await writeFile(join(root, 'all/a.pem.key'), 'nonsense');
  await configure(`
  setenv HERE ${host}
  setenv LIST "b.pem crt rsa.pem"
defaults other
  mode tcp
  timeout connect 5s
  timeout client 5s
  timeout server 5s
frontend named
  bind "\${HERE}:${named}" ssl alpn h2,http/1.1 crt a.pem crt "\${LIST[*]}" # crt c.pem
  bind 127.0.0.1:${wide} ssl crt c.pem
frontend wide
  bind :${wide},"$HERE":${wide} ssl crt a.pem
  .if streq("$HERE",${host}) && feature(OPENSSL)
  bind :::${six} v6only ssl crt b.pem
  .elif 1
  bind :::${six} v6only ssl crt c.pem
  .else
  bind :::${six} v6only ssl crt c.pem
  .endif
  bind [::]:${both} v4v6 ssl crt 'c.pem'
listen directory
  bind ${host}:${from} ssl crt ${root}/all/ strict-sni
frontend closed
  disabled
  bind ${host}:${off} ssl crt a.pem
frontend plain
  bind ${host}:${off}
  bind unix@${root}/socket ssl crt a.pem
  bind ${host}:${other} accept-proxy ssl crt a.pem
`);
  await haproxy.start();
  const reading = await readHaproxy(realParts, haproxy.configFile);
  const at = (port: number, certificate: string, ...names: readonly string[]): readonly string[] =>
    names.map((name) => `${certificate}.pem ${host}:${port} ${name}`);
  expect(linesOf(reading, root)).toEqual(
    [
      // The first is for who asks for none; of two for one name the first, each for its type of key.
      ...at(named, 'a', '-', 'a.example'),
      ...at(named, 'b', 'b.example', 'exact.wild.example', 'x.both.example'),
      ...at(named, 'rsa', 'a.example', 'r.example', 'x.both.example'),
      ...at(wide, 'a', '-', 'a.example'),
      ...['-', 'c.example'].map((name) => `c.pem 127.0.0.1:${wide} ${name}`),
      ...['-', 'b.example', 'a.example', 'exact.wild.example', 'x.both.example'].map(
        (name) => `b.pem [::1]:${six} ${name}`,
      ),
      ...['127.0.0.1', '[::1]'].flatMap((to) =>
        ['-', 'c.example'].map((name) => `c.pem ${to}:${both} ${name}`),
      ),
      ...at(from, 'all/a', 'a.example'),
      ...at(from, 'all/b', 'b.example', 'exact.wild.example', 'x.both.example'),
    ].sort(),
  );
  expect(await contradicted(usesIn(reading))).toEqual([]);
});

it('reads lists of certificates with their filters, and bundles', async () => {
  await certificate('a', 'a.example');
  await certificate('b', 'b.example');
  await certificate('w', 'w.example');
  await certificate('pair.ecdsa', 'pair.example');
  await certificate('rsa-pair', 'pair.example');
  await copyFile(join(root, 'pair.ecdsa.pem'), join(root, 'pair.ecdsa'));
  await copyFile(join(root, 'rsa-pair.pem'), join(root, 'pair.rsa'));
  const [listed = 0, bundle = 0] = await freePorts(host, 2);
  await writeFile(
    join(root, 'list'),
    [
      '# the first is the one without a name, and for none',
      'a.pem !*',
      'w.pem [alpn h2,http/1.1 verify none] *.W.example !not.w.example',
      'b.pem in.w.example not.w.example',
      '',
      'w.pem !other.example',
      '',
    ].join('\n'),
  );
  await configure(`
frontend lists
  mode tcp
  bind ${host}:${listed} ssl crt-list ${root}/list crt b.pem
  bind ${host}:${bundle} ssl crt pair
`);
  await haproxy.start();
  const reading = await readHaproxy(realParts, haproxy.configFile);
  expect(linesOf(reading, root)).toEqual(
    [
      `a.pem ${host}:${listed} -`,
      ...['b.example', 'in.w.example', 'not.w.example'].map(
        (name) => `b.pem ${host}:${listed} ${name}`,
      ),
      ...['-', 'pair.example'].map((name) => `pair.ecdsa ${host}:${bundle} ${name}`),
      `pair.rsa ${host}:${bundle} pair.example`,
    ].sort(),
  );
  expect(await contradicted(usesIn(reading))).toEqual([]);
  // A filter, if only of what it is not for, stands in for the certificate's names: nothing fits w.example.
  const endpoint = { protocol: 'tls', host, port: listed } as const;
  const fallback = { certificate: join(root, 'a.pem'), endpoint, where: '' };
  const uses = ['w.example', 'a.example'].map((servername) => ({ ...fallback, servername }));
  expect(await contradicted(uses)).toEqual([]);
});

it("says in HAProxy's own words why nothing can be read", async () => {
  await configure(`frontend one\n  bind ${haproxy.address} ssl crt nowhere.pem`);
  expect(await readHaproxy(realParts, haproxy.configFile)).toEqual({
    kind: 'unread',
    why: expect.stringMatching(
      /parsing \[\S+haproxy\.cfg:\d+\] : 'bind \S+' in section 'frontend' : unable to stat SSL certificate .*nowhere\.pem/,
    ),
  });
});
