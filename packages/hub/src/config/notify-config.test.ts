import { expect, test } from 'vitest';
import { parseHubConfig } from './config.js';

const rest = `[acme_dns]
domain = "acme-dns.example.net"
[[authority]]
name = "letsencrypt"
`;

const mail = `[[notify.mail]]
server = "mail.example.net"
from = "hub@example.net"
to = ["admin@example.net"]
`;

test('nothing said, nobody is told but the log, and the times are the usual ones', () => {
  expect(parseHubConfig('hub.toml', rest).notify).toEqual({
    ...{ group: 600_000, remind: 604_800_000, agent_silent: 21_600_000 },
    ...{ mail: [], webhook: [], ntfy: [], command: [] },
  });
});

test.each([
  ['', { port: 587, tls: 'starttls' }],
  ['port = 465', { port: 465, tls: 'implicit' }],
  ['tls = "implicit"', { port: 465, tls: 'implicit' }],
  ['port = 2525', { port: 2525, tls: 'starttls' }],
])('mail is sent over TLS (%s)', (more, expected) => {
  const { notify } = parseHubConfig('hub.toml', `${rest}${mail}${more}\n`);
  expect(notify.mail).toMatchObject([{ name: 'mail', ...expected }]);
});

test.each([
  [`${mail}user = "hub"`, 'hub.toml:5: notify.mail.0: needs both `user` and `password_file`'],
  [`${mail}user = "hub"\npassword_file = "/x"\ntls = "none"`, 'sends no password without TLS'],
  [`${mail}passwort_file = "/x"`, "did you mean 'password_file'?"],
  [`${mail}password = "geheim"`, "there is no setting 'notify.mail.0.password'"],
  [mail.replace('admin@', '\\r\\nBcc: admin@'), 'notify.mail.0.to.0'],
  [`${mail}${mail}`, "there is another channel 'mail'"],
  ['[notify]\ngroup = "soon"', 'notify.group: is not a time'],
  ['[[notify.webhook]]\nurl = "http://x.example/"\nsecret_file = "/x"', 'is no https:// address'],
  ['[[notify.ntfy]]\nurl = "https://ntfy.sh/"', 'does not end with a topic'],
  ['[[notify.command]]\ncommand = ["tell"]', 'is not a whole path'],
  ['[[notify.command]]\ncommand = []', 'notify.command.0.command'],
])('refused with its line: %s', (section, words) => {
  expect(() => parseHubConfig('hub.toml', `${rest}${section}\n`)).toThrow(words);
});
