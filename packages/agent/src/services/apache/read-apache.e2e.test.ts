import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeApache, type Apache } from '../../testing/apache.js';
import { makeCertificateFiles } from '../../testing/certificate-files.js';
import { freePorts } from '../../testing/loopback.js';
import { realParts } from '../../testing/reader-parts.js';
import { linesOf } from '../../testing/reading.js';
import { contradicted, usesIn } from '../../testing/shown-certificate.js';
import { readApache } from './read-apache.js';

let root: string;
let apache: Apache;
let host: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'read-apache-'));
  apache = await makeApache(root, root, []);
  [host = ''] = apache.address.split(':');
});
afterEach(async () => {
  await apache[Symbol.asyncDispose]();
  await rm(root, { recursive: true, force: true });
});

const certificates = async (...names: readonly string[]): Promise<void> => {
  for (const name of names) {
    await makeCertificateFiles(join(root, name), [name], name.startsWith('rsa') ? 'rsa' : 'ecdsa');
  }
};
const pair = (name: string): string =>
  `SSLCertificateFile ${name}/fullchain.pem\nSSLCertificateKeyFile ${name}/privkey.pem`;

it('says what clients are shown, by address and name', async () => {
  await certificates('a', 'b', 'c', 'd', 'base', 'rsa');
  const [named = 0, alone = 0, wide = 0, plain = 0, main = 0] = await freePorts(host, 5);
  await mkdir(join(root, 'sites'));
  await writeFile(
    join(root, 'sites/b.conf'),
    `ServerName b.example\nServerAlias "www.b.example" *.b.example\n${pair('${which}')}\n`,
  );
  await apache.configure(`
LoadModule macro_module /usr/lib/apache2/modules/mod_macro.so
Listen ${host}:${named} https
Listen ${host}:${alone}
Listen ${wide}
Listen ${host}:${plain}
Listen ${host}:${main}
Define which b
${pair('base')}
# The first of an address is shown without a name, and for names that nobody has.
<VirtualHost ${host}:${named}>
  ServerName https://a.example:${named}
  ServerAlias Two.A.example \\
    *.sub.example
  SSLEngine on
  ${pair('a')}
</VirtualHost>
<VirtualHost ${host}:${named}>
  # No SSLEngine: the address is https.
  Include sites/*.conf
</VirtualHost>
<VirtualHost ${host}:${named}>
  # Hidden by a wildcard and by a name, both before it; inherits its certificate.
  ServerName x.sub.example
  ServerAlias two.a.example c.example 127.0.0.1
  SSLEngine on
</VirtualHost>
<VirtualHost ${host}:${named}>
  ServerName off.example
  SSLEngine off
  ${pair('d')}
</VirtualHost>
# Alone at its address: it answers for every name.
<VirtualHost ${host}:${alone}>
  ServerName alone.example
  ServerAlias other.example *.wild.example
  <IfModule mod_ssl.c>
    SSLEngine on
    <IfDefine !NEVER>
      ${pair('c')}
    </IfDefine>
    ${pair('rsa')}
  </IfModule>
</VirtualHost>
<Macro Wide $name $certificate>
<VirtualHost *:${wide}>
  ServerName $name
  SSLEngine on
  SSLCertificateFile ${root}/$certificate/fullchain.pem
  SSLCertificateKeyFile ${root}/$certificate/privkey.pem
</VirtualHost>
</Macro>
Use Wide wide.example a
Use Wide second.example b
<VirtualHost ${host}:${wide}>
  ServerName special.example
  SSLEngine on
  ${pair('d')}
</VirtualHost>
<VirtualHost 203.0.113.77:${wide}>
  ServerName not-here.example
  SSLEngine on
  ${pair('c')}
</VirtualHost>
<VirtualHost ${host}:${plain}>
  ServerName plain.example
  ${pair('c')}
</VirtualHost>
<VirtualHost ${host}:1>
  ServerName nobody-listens.example
  SSLEngine on
  ${pair('c')}
</VirtualHost>
`);
  await apache.start();
  const reading = await readApache(realParts, apache.configFile);
  expect(linesOf(reading, root)).toEqual(
    [
      ...['-', 'a.example', 'two.a.example', 'x.sub.example'].map(
        (name) => `a ${host}:${named} ${name}`,
      ),
      // Without TLS of its own it goes on with the first one's.
      `a ${host}:${named} off.example`,
      ...['b.example', 'www.b.example'].map((name) => `b ${host}:${named} ${name}`),
      `base ${host}:${named} c.example`,
      ...['c', 'rsa'].flatMap((certificate) =>
        ['-', 'alone.example', 'other.example'].map(
          (name) => `${certificate} ${host}:${alone} ${name}`,
        ),
      ),
      ...['127.0.0.1', '[::1]'].flatMap((loopback) => [
        `a ${loopback}:${wide} -`,
        `a ${loopback}:${wide} wide.example`,
        `b ${loopback}:${wide} second.example`,
      ]),
      `d ${host}:${wide} -`,
      `d ${host}:${wide} special.example`,
    ]
      .map((line) => line.replace(' ', '/fullchain.pem '))
      .sort(),
  );
  expect(await contradicted(usesIn(reading))).toEqual([]);
});

it('reads what the main server shows where no virtual host is, and nothing behind a proxy', async () => {
  await certificates('base', 'other');
  const [main = 0, proxied = 0] = await freePorts(host, 2);
  await apache.configure(`
LoadModule remoteip_module /usr/lib/apache2/modules/mod_remoteip.so
Listen ${host}:${main}
Listen ${host}:${proxied}
ServerName main.example
SSLEngine on
${pair('other')}
${pair('base')}
<VirtualHost ${host}:${proxied}>
  ServerName proxied.example
  RemoteIPProxyProtocol On
</VirtualHost>
`);
  await apache.start();
  const reading = await readApache(realParts, apache.configFile);
  // Of two files with the same type of key the last one stays.
  expect(linesOf(reading, root)).toEqual(
    [apache.address, `${host}:${main}`]
      .flatMap((place) =>
        ['-', 'main.example'].map((name) => `base/fullchain.pem ${place} ${name}`),
      )
      .sort(),
  );
  expect(reading).toMatchObject({
    uses: expect.arrayContaining([
      expect.objectContaining({ where: expect.stringMatching(/apache2\.conf:\d+$/) }),
    ]),
  });
  expect(await contradicted(usesIn(reading))).toEqual([]);
});

it("says in Apache's own words why nothing can be read", async () => {
  await apache.configure('<VirtualHost *:1>\nSSLCertificateFile nowhere.pem\n</VirtualHost>');
  expect(await readApache(realParts, apache.configFile)).toEqual({
    kind: 'unread',
    why: expect.stringMatching(
      /^AH\d+: Syntax error on line \d+ of \S+apache2\.conf: SSLCertificateFile: file .*nowhere.pem' does not exist/,
    ),
  });
});
