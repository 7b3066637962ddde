import { expect, it } from 'vitest';
import { parseDoveconf, versionIn } from './doveconf-text.js';

it('reads sections in sections, labels with blanks, quoted and empty values', () => {
  const whole = parseDoveconf(`# 2.3.19.1 (9b53102964): /etc/dovecot/dovecot.conf
protocols = " imap lmtp"
ssl_alt_cert =${' '}
local_name b.example www.b.example {
  ssl_cert = </tls/b.pem
  protocol imap {
    ssl = no
  }
}
namespace {
  separator = "\\""
}
ssl = yes`);
  expect([...whole.settings]).toEqual([
    ['protocols', 'imap lmtp'],
    ['ssl_alt_cert', ''],
    ['ssl', 'yes'],
  ]);
  expect(whole.sections.map(({ kind, label }) => [kind, label])).toEqual([
    ['local_name', 'b.example www.b.example'],
    ['namespace', ''],
  ]);
  expect(whole.sections[0]?.sections[0]?.settings.get('ssl')).toBe('no');
  expect(whole.sections[1]?.settings.get('separator')).toBe('"');
});

it('knows whose output it is', () => {
  expect(versionIn('# 2.3.19.1 (9b53102964): /etc/dovecot/dovecot.conf\n')).toEqual({
    major: 2,
    minor: 3,
  });
  expect(versionIn('# 2.4.1-4 (7d8c0e5759): /t.conf\n')).toEqual({ major: 2, minor: 4 });
  expect(versionIn('ssl = yes\n')).toBeUndefined();
});
