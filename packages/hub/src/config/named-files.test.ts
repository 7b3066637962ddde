import { expect, test } from 'vitest';
import { parseHubConfig } from './config.js';
import { namedFiles } from './named-files.js';

test('every file that hub.toml names, each once, and which of them are secret', () => {
  const text = `
[acme_dns]
domain = "acme-dns.example.net"
[[authority]]
name = "own"
directory = "https://ca.example.net/directory"
trust = "/roots.pem"
eab_key_id = "one"
eab_hmac_key_file = "/mac"
[[notify.mail]]
server = "mail.example.net"
trust = "/roots.pem"
user = "hub"
password_file = "/password"
from = "hub@example.net"
to = ["admin@example.net"]
[[notify.webhook]]
url = "https://hook.example.net/"
secret_file = "/secret"
trust = "/hook.pem"
[[notify.ntfy]]
url = "https://ntfy.example.net/topic"
token_file = "/token"
`;
  const files = namedFiles(parseHubConfig('hub.toml', text));
  const inText = [...text.matchAll(/"(\/[\w.]+)"/g)].map((match) => match[1]);
  expect(files.map(({ path }) => path).toSorted()).toEqual([...new Set(inText)].toSorted());
  expect(files.filter(({ secret }) => secret).map(({ path }) => path)).toEqual([
    ...['/mac', '/password', '/secret', '/token'],
  ]);
});
