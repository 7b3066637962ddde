import type { ProgramResult } from '@sixhub/base';
import { expect, it } from 'vitest';
import { linesOf } from '../../testing/reading.js';
import type { ReaderParts } from '../reader-parts.js';
import { readNginx } from './read-nginx.js';

/** What `nginx -T` prints of these files, the main one first. */
const dumped = (files: Readonly<Record<string, string>>): ReaderParts => {
  const stdout = Object.entries(files)
    .map(([path, text]) => `# configuration file ${path}:\n${text}\n`)
    .join('\n');
  const result: ProgramResult = { kind: 'exited', code: 0, stdout, stderr: '' };
  return {
    run: () => Promise.resolve(result),
    files: {
      read: () => Promise.reject(new Error('ENOENT')),
      list: () => Promise.resolve([]),
    },
  };
};
const lines = async (files: Readonly<Record<string, string>>): Promise<readonly string[]> =>
  linesOf(await readNginx(dumped(files), undefined), '/etc/nginx');
const http = (text: string): Promise<readonly string[]> =>
  lines({ '/etc/nginx/nginx.conf': `http { ${text} }` });

it('puts each include in its place, in the order of names', async () => {
  expect(
    await lines({
      '/etc/nginx/nginx.conf': 'http { include sites/*.conf; include /etc/nginx/tls.inc; }',
      '/etc/nginx/sites/b.conf': 'server { listen 192.0.2.1:443 ssl; server_name b; }',
      '/etc/nginx/sites/a.conf': 'server { listen 192.0.2.1:443; server_name a; }',
      '/etc/nginx/tls.inc': 'ssl_certificate base.pem;',
    }),
  ).toEqual(['-', 'a', 'b'].map((name) => `base.pem 192.0.2.1:443 ${name}`));
});

it('knows the protocols of mail, and that it looks at no name', async () => {
  const mail = `mail {
    ssl_certificate mail.pem;
    server { listen 192.0.2.1:993 ssl; server_name mail.example; }
    server { listen 192.0.2.1:143; starttls on; }
    server { listen 192.0.2.1:2525; protocol smtp; starttls only; }
    server { listen 192.0.2.1:995 ssl; ssl_certificate pop.pem; }
    server { listen 192.0.2.1:465 ssl; }
    server { listen 192.0.2.1:25; }
    server { listen 192.0.2.1:110; starttls on; ssl_certificate $chosen; }
  }`;
  expect(await lines({ '/etc/nginx/nginx.conf': mail })).toEqual([
    'mail.pem 192.0.2.1:143 -',
    'mail.pem 192.0.2.1:465 -',
    'mail.pem 192.0.2.1:993 -',
    'mail.pem smtp://192.0.2.1:2525 -',
    'pop.pem 192.0.2.1:995 -',
  ]);
});

it('knows stream, by name where it has names', async () => {
  const stream = `stream {
    server { listen 192.0.2.1:853 ssl; ssl_certificate dns.pem; proxy_pass 192.0.2.9:53; }
    server { listen 192.0.2.1:853 udp; }
    server { listen 192.0.2.1:900; ssl_preread on; }
    server { listen 192.0.2.1:901-902 ssl; server_name one; ssl_certificate one.pem; }
    server { listen 192.0.2.1:901; server_name two; ssl_certificate two.pem; }
  }`;
  expect(await lines({ '/etc/nginx/nginx.conf': stream })).toEqual([
    'dns.pem 192.0.2.1:853 -',
    'one.pem 192.0.2.1:901 -',
    'one.pem 192.0.2.1:901 one',
    'one.pem 192.0.2.1:902 -',
    'one.pem 192.0.2.1:902 one',
    'two.pem 192.0.2.1:901 two',
  ]);
});

it('leaves out what is decided for each connection', async () => {
  expect(
    await http(`
      server { listen 192.0.2.1:443 ssl; server_name a; ssl_certificate /x/$ssl_server_name.pem; }
      server { listen 192.0.2.1:443; server_name b; ssl_certificate data:$pem; }
      server { listen 192.0.2.1:443; server_name c; ssl_certificate c.pem;
        ssl_certificate_by_lua_block { local s = "}" -- }
          if s then error[[ } ]] end }
      }
      server { listen 192.0.2.1:443; server_name d; ssl_certificate d.pem; }`),
  ).toEqual(['d.pem 192.0.2.1:443 d']);
});

it('reads what is quoted and escaped as nginx does', async () => {
  expect(
    await http(`
      server { # server { listen 192.0.2.9:443 ssl; }
        listen 192.0.2.1:443 ssl;server_name 'one' "tw\\o";
        ssl_certificate "live/a \\"b\\"; {}/it's.pem";
      }`),
  ).toEqual(['-', 'one'].map((name) => `live/a "b"; {}/it's.pem 192.0.2.1:443 ${name}`));
});

it('knows the older `ssl on`, and that without `listen` it is any address', async () => {
  expect(await http('server { ssl on; server_name _; ssl_certificate a.pem; }')).toEqual([
    'a.pem 127.0.0.1:80 -',
  ]);
});

it.each([
  ['http { server {', '/etc/nginx/nginx.conf:2: unexpected end of file'],
  ['http { }\n}', '/etc/nginx/nginx.conf:2: unexpected "}"'],
  ['include nginx.conf;', '/etc/nginx/nginx.conf includes itself'],
])('says where it does not understand %j', async (text, why) => {
  expect(await lines({ '/etc/nginx/nginx.conf': text })).toEqual([`unread: ${why}`]);
});
