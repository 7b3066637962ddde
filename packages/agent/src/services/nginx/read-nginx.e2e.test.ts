import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeCertificateFiles } from '../../testing/certificate-files.js';
import { freePorts } from '../../testing/loopback.js';
import { makeNginx, nginxPaths, type Nginx } from '../../testing/nginx.js';
import { realParts } from '../../testing/reader-parts.js';
import { linesOf } from '../../testing/reading.js';
import { contradicted, usesIn } from '../../testing/shown-certificate.js';
import { readNginx } from './read-nginx.js';

let root: string;
let nginx: Nginx;
let host: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'read-nginx-'));
  nginx = await makeNginx(root, root, []);
  [host = ''] = nginx.address.split(':');
});
afterEach(async () => {
  await nginx[Symbol.asyncDispose]();
  await rm(root, { recursive: true, force: true });
});

const certificates = async (...names: readonly string[]): Promise<void> => {
  for (const name of names) {
    await makeCertificateFiles(join(root, name), [name], name.startsWith('rsa') ? 'rsa' : 'ecdsa');
  }
};
const pair = (name: string): string =>
  `ssl_certificate ${name}/fullchain.pem; ssl_certificate_key ${name}/privkey.pem;`;

it('says what clients are shown, by address and name', async () => {
  await certificates('a', 'b', 'c', 'base', 'rsa');
  const [named = 0, wide = 0, six = 0, both = 0, plain = 0, rejecting = 0] = await freePorts(
    host,
    6,
  );
  await mkdir(join(root, 'sites'));
  await writeFile(
    join(root, 'sites/10-b.conf'),
    `server {\n  listen ${host}:${named};\n  server_name b.example ".dotted.example" "~^r\\d{1,3}\\.example$";\n  ${pair('b')}\n}`,
  );
  await writeFile(join(root, 'sites/.hidden.conf'), 'nonsense');
  await nginx.configure(`
http {
${nginxPaths(root).join('\n')}
${pair('base')} # ; } for every server that names none
map $ssl_server_name $chosen { default c; "{" c; }
include sites/*.conf;
server {
  listen ${host}:${named} ssl http2 default_server;
  server_name A.example *.wild.example www.* _ "" $hostname b.example;
  ${pair('a')}
}
server {
  listen ${host}:${named};
  server_name inherits.example x.wild.example;
  location / { return 200 "}"; }
}
server {
  listen ${host}:${named};
  server_name varied.example;
  ssl_certificate ${root}/$chosen/fullchain.pem;
  ssl_certificate_key ${root}/\${chosen}/privkey.pem;
}
server {
  listen ${host}:${named};
  server_name refused.example;
  ssl_reject_handshake on;
}
server {
  listen ${host}:${named};
  server_name *.below.example;
  ${pair('c')}
}
server {
  listen ${wide} ssl;
  listen ${host}:${wide} ssl;
  server_name wide.example;
  ${pair('c')}
  ${pair('rsa')}
}
server {
  listen ${host}:${wide};
  server_name only-there.example;
  ${pair('a')}
}
server { listen [::]:${six} ssl; server_name six.example; ${pair('b')} }
server { listen [::]:${both} ssl ipv6only=off; server_name both.example; ${pair('a')} ${pair('b')} }
server { listen ${host}:${plain}; server_name plain.example; }
server { listen unix:${root}/socket ssl; ${pair('a')} }
server { listen ${host}:${plain} proxy_protocol; server_name proxied.example; }
server { listen ${host}:${rejecting} ssl; ssl_reject_handshake on; }
server { listen ${host}:${rejecting} ssl; server_name known.example; ${pair('c')} }
}
`);
  await nginx.start();
  const reading = await readNginx(realParts, nginx.configFile);
  const hostname = (await realParts.files.read('/proc/sys/kernel/hostname')).trim().toLowerCase();
  expect(linesOf(reading, root)).toEqual(
    [
      ...['-', 'a.example', hostname].map((name) => `a ${host}:${named} ${name}`),
      // The first that has a name keeps it; an exact name goes before another's wildcard.
      ...['b.example', 'dotted.example'].map((name) => `b ${host}:${named} ${name}`),
      ...['inherits.example', 'x.wild.example'].map((name) => `base ${host}:${named} ${name}`),
      // No exact name leads to it, so it is asked by one that only its wildcard has.
      `c ${host}:${named} sixhub-probe.below.example`,
      ...['127.0.0.1', host].flatMap((at) =>
        ['c', 'rsa'].flatMap((of) => [`${of} ${at}:${wide} -`, `${of} ${at}:${wide} wide.example`]),
      ),
      `a ${host}:${wide} only-there.example`,
      ...['-', 'six.example'].map((name) => `b [::1]:${six} ${name}`),
      // Of two files with the same type of key the last one stays.
      ...['[::1]', '127.0.0.1'].flatMap((at) =>
        ['-', 'both.example'].map((name) => `b ${at}:${both} ${name}`),
      ),
      `c ${host}:${rejecting} known.example`,
    ]
      .map((line) => line.replace(' ', '/fullchain.pem '))
      .sort(),
  );
  expect(await contradicted(usesIn(reading))).toEqual([]);
});

it('says where, as people look for it', async () => {
  await certificates('a');
  await writeFile(join(root, 'tls.inc'), `\n${pair('a')}\n`);
  await nginx.configure(
    `http {\n${nginxPaths(root).join('\n')}\nserver { listen ${nginx.address} ssl; include tls.inc; }\n}`,
  );
  await nginx.start();
  const reading = await readNginx(realParts, nginx.configFile);
  expect(reading).toMatchObject({ uses: [{ where: `${root}/tls.inc:2` }] });
  expect(await contradicted(usesIn(reading))).toEqual([]);
});

it("says in nginx's own words why nothing can be read", async () => {
  await nginx.configure(`http { server { listen ${nginx.address} ssl; ${pair('nowhere')} } }`);
  expect(await readNginx(realParts, nginx.configFile)).toEqual({
    kind: 'unread',
    why: expect.stringMatching(
      /\[emerg\].*cannot load certificate "\S+nowhere\/fullchain\.pem".*test failed$/,
    ),
  });
});
