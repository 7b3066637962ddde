import type { ProgramResult } from '@sixhub/base';
import { expect, it } from 'vitest';
import type { ReaderParts } from '../reader-parts.js';
import { linesOf } from '../../testing/reading.js';
import { readApache } from './read-apache.js';

/** Printed by Apache 2.4 of Debian 12, shortened to what differs. */
const recorded = `VirtualHost configuration:
[2001:db8::1]:443      one.example (/srv/a.conf:29)
192.0.2.1:443          one.example (/srv/a.conf:29)
*:443                  is a NameVirtualHost
         default server m1.example (macro 'vh' (defined on line 18 of "/srv/a.conf") used on line 26 of "/srv/a.conf":1)
         port 443 namevhost m1.example (macro 'vh' (defined on line 18 of "/srv/a.conf") used on line 26 of "/srv/a.conf":1)
                 alias www.m1.example
                 wild alias *.m1.example
         port 443 namevhost m2.example (macro 'vh' (defined on line 18 of "/srv/a.conf") used on line 27 of "/srv/a.conf":1)
                 alias managed.example
*:80                   x.example (/srv/sites/x.conf:1)
# In file: /srv/a.conf
#   6:
ServerName test.invalid
#  13:
Listen 443
#  14:
Listen 80
#  15:
<MDomainSet managed.example>
  #  16:
  MDCertificateAgreement accepted
</MDomainSet>
# In file: macro 'vh' (defined on line 18 of "/srv/a.conf") used on line 26 of "/srv/a.conf"
#   1:
<VirtualHost *:443>
  #   2:
  ServerName m1.example
  #   3:
  SSLEngine on
  #   4:
  SSLCertificateFile "/srv/live/m 1/fullchain.pem"
  #   5:
  <Directory /srv/www>
    #   6:
    SSLEngine off
  </Directory>
</VirtualHost>
# In file: macro 'vh' (defined on line 18 of "/srv/a.conf") used on line 27 of "/srv/a.conf"
#   1:
<VirtualHost *:443>
  #   2:
  ServerName m2.example
  #   3:
  ServerAlias managed.example
  #   4:
  SSLEngine on
  #   5:
  SSLCertificateFile /srv/live/m2/fullchain.pem
</VirtualHost>
# In file: /srv/sites/x.conf
#   1:
<VirtualHost *:80>
  #   2:
  ServerName x.example
</VirtualHost>
# In file: /srv/a.conf
#  29:
<VirtualHost 192.0.2.1:443 [2001:db8::1]:443>
  #  30:
  ServerName https://one.example:443
  #  32:
  ServerAlias www.one.example *.one.example     'two.example'
  #  36:
  SSLCertificateFile live/one/fullchain.pem
</VirtualHost>
ServerRoot: "/srv"
Main DocumentRoot: "/var/www/html"
`;

const exited = (code: number, stdout: string, stderr = ''): ProgramResult => ({
  kind: 'exited',
  code,
  stdout,
  stderr,
});
const parts = (
  result: ProgramResult,
  proc: Readonly<Record<string, string>> = {},
): ReaderParts => ({
  run: () => Promise.resolve(result),
  files: {
    read: (path) =>
      proc[path] === undefined ? Promise.reject(new Error('ENOENT')) : Promise.resolve(proc[path]),
    list: () => Promise.resolve([]),
  },
});

it('joins the two dumps by file and line', async () => {
  const reading = await readApache(parts(exited(0, recorded)), undefined);
  expect(linesOf(reading, '/srv/live')).toEqual(
    [
      ...['127.0.0.1', '[::1]'].flatMap((host) =>
        ['-', 'm1.example', 'www.m1.example'].map(
          (name) => `m 1/fullchain.pem ${host}:443 ${name}`,
        ),
      ),
      // https by its port, and alone at its addresses. m2.example's is mod_md's.
      ...['192.0.2.1', '[2001:db8::1]'].flatMap((host) =>
        ['-', 'one.example', 'two.example', 'www.one.example'].map(
          (name) => `one/fullchain.pem ${host}:443 ${name}`,
        ),
      ),
    ].sort(),
  );
});

it('leaves out the addresses that this machine does not have', async () => {
  const reading = await readApache(
    parts(exited(0, recorded), {
      '/proc/net/if_inet6': '',
      '/proc/net/fib_trie': '           |-- 192.0.2.1\n              /32 host LOCAL\n',
    }),
    undefined,
  );
  const hosts = reading.kind === 'read' ? reading.uses.map(({ endpoint }) => endpoint.host) : [];
  expect(new Set(hosts)).toEqual(new Set(['127.0.0.1', '192.0.2.1']));
});

it('says why nothing can be read', async () => {
  const none: ProgramResult = { kind: 'not-started', reason: 'there is no program apache2ctl' };
  expect(await readApache(parts(none), undefined)).toEqual({
    kind: 'unread',
    why: 'there is no program apache2ctl',
  });
  const words =
    '[Wed Nov 25 16:56:35 2026] [core:warn] [pid 1:tid 1] AH00111: Config variable ${X} is not defined\n' +
    "AH00526: Syntax error on line 3 of /srv/a.conf:\nSSLCertificateFile: file '/x' does not exist or is empty\n";
  expect(await readApache(parts(exited(1, 'Action failed.', words)), undefined)).toEqual({
    kind: 'unread',
    why: "AH00526: Syntax error on line 3 of /srv/a.conf: SSLCertificateFile: file '/x' does not exist or is empty",
  });
  const long = exited(0, recorded.padEnd(1_048_576, '#'));
  expect(await readApache(parts(long), undefined)).toMatchObject({ kind: 'unread' });
});
