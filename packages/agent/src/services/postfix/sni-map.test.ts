import { describe, expect, it } from 'vitest';
import { parseSniMaps, parseSniSource } from './sni-map.js';

describe('tls_server_sni_maps', () => {
  it('is a list of tables, each of its kind', () => {
    const maps = parseSniMaps('hash:/etc/postfix/sni, texthash:/a lmdb:/b pcre:/c hash:relative');
    expect(maps.map(({ kind }) => kind)).toEqual([
      'compiled',
      'text',
      'compiled',
      'unknown',
      'unknown',
    ]);
    expect(maps[0]).toEqual({
      kind: 'compiled',
      table: 'hash:/etc/postfix/sni',
      source: '/etc/postfix/sni',
    });
    expect(parseSniMaps('')).toEqual([]);
  });
  it('may be written out in main.cf', () => {
    expect(
      parseSniMaps('inline:{ A.example=/a.pem, { b.example = /b.key, /b.pem } }'),
    ).toMatchObject([
      {
        kind: 'inline',
        entries: [
          { name: 'a.example', files: ['/a.pem'] },
          { name: 'b.example', files: ['/b.key', '/b.pem'] },
        ],
      },
    ]);
  });
});

it('a source has names, each with its files, and what names nobody is left out', () => {
  const text = `# comment
Mail.Example.org /tls/rsa.pem,
   # between
   /tls/ec.pem

.example.net\t/tls/net.pem
*.example.net /tls/net.pem
@example.net /tls/net.pem
mail.example.org /tls/second.pem
nothing
xn--nxasmq6b.example /tls/a.key /tls/a.pem
`;
  expect(parseSniSource(text)).toEqual([
    { name: 'mail.example.org', files: ['/tls/rsa.pem', '/tls/ec.pem'], line: 2 },
    { name: 'xn--nxasmq6b.example', files: ['/tls/a.key', '/tls/a.pem'], line: 11 },
  ]);
});
