import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import type { Keeping } from './keeping.js';
import { dropInFor, grantedPaths, lackingRights } from './write-rights.js';

const usual = { live: '/etc/letsencrypt/live', state: '/var/lib/sixhub-agent' };
const keeping = (...paths: readonly string[]): Keeping =>
  ({ copies: paths.map((path) => ({ path })) }) as unknown as Keeping;
const rightsFor = (...paths: readonly string[]) =>
  lackingRights({ ...usual, keepings: [keeping(...paths)] });

it('asks for nothing that the unit gives', () => {
  const rights = rightsFor('/etc/letsencrypt/der/a.der', '/etc/postfix/tls.pem', '/run/x/a.pem');
  expect(rights).toEqual({ paths: [], inHomes: false });
  expect(dropInFor(rights, '/etc/sixhub/agent.toml')).toBeUndefined();
});

it('asks for the directory of each copy, once', () => {
  const rights = rightsFor('/srv/tls/b.pem', '/etc/haproxy/certs/a.pem', '/srv/tls/a.pem');
  expect(dropInFor(rights, '/etc/sixhub/agent.toml')).toBe(
    `# From /etc/sixhub/agent.toml, by hub-agent detect --write, which keeps it as that file says.
[Service]
ReadWritePaths=-/etc/haproxy/certs
ReadWritePaths=-/srv/tls
`,
  );
});

it('does not take a name that begins alike for one below', () => {
  expect(rightsFor('/running/a.pem', '/etc/postfix-out/a.pem').paths).toEqual([
    '/etc/postfix-out',
    '/running',
  ]);
});

it('asks for trees that were moved', () => {
  const moved = { live: '/srv/le/live', state: '/srv/agent', keepings: [] };
  expect(lackingRights(moved).paths).toEqual(['/srv/agent', '/srv/le']);
});

it('opens homes to who has a copy there, and to nobody else', () => {
  const text = dropInFor(rightsFor('/home/ann/tls/a.pem'), 'f');
  expect(text).toMatch(/^ReadWritePaths=-\/home\/ann\/tls$[^]*^ProtectHome=read-only$/m);
  expect(dropInFor(rightsFor('/srv/a.pem'), 'f')).not.toContain('ProtectHome');
});

it('writes a path as systemd reads it', () => {
  const text = dropInFor(rightsFor('/srv/100%/a b/"c"/a.pem'), 'f');
  expect(text).toContain('ReadWritePaths="-/srv/100%%/a b/\\"c\\""\n');
});

it.each(['sixhub-agent', 'sixhub-agent-watch'])('knows what %s.service gives', async (name) => {
  const unit = await readFile(new URL(`../../systemd/${name}.service`, import.meta.url), 'utf8');
  const given = [...unit.matchAll(/^ReadWritePaths=(.*)$/gm)]
    .flatMap(([, paths = '']) => paths.split(' '))
    .map((path) => path.replace(/^-/, ''));
  const directories = [
    ...[...unit.matchAll(/^StateDirectory=(.*)$/gm)].map(([, path = '']) => `/var/lib/${path}`),
    ...[...unit.matchAll(/^ConfigurationDirectory=(.*)$/gm)].map(([, path = '']) => `/etc/${path}`),
  ];
  expect([...given, ...directories].sort()).toEqual([...grantedPaths].sort());
});
