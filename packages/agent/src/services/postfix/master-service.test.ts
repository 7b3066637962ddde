import { describe, expect, it } from 'vitest';
import { isDisabled, parseMaster, placeOf } from './master-service.js';

describe('a service of master.cf', () => {
  // As Postfix 3.7 printed it: postconf -M
  const recorded = `
smtp       inet  n       -       y       -       1       postscreen
smtpd      pass  -       -       y       -       -       smtpd
127.45.196.77:41919 inet n -     n       -       -       smtpd -o syslog_name=postfix/submission -o smtpd_tls_security_level=encrypt
[::1]:23106 inet n       -       n       -       -       smtpd -o {smtpd_tls_chain_files=/tls/b.key /tls/b.pem} -v
smtp       unix  -       -       y       -       -       smtp
scalemail-backend unix - n       n       -       2       pipe flags=R user=scalemail argv=/usr/lib/scalemail -o -v
`;
  it('has its overrides, in the order of its line', () => {
    const services = parseMaster(recorded);
    expect(services.map(({ name, type, program }) => `${name}/${type} ${program}`)).toEqual([
      'smtp/inet postscreen',
      'smtpd/pass smtpd',
      '127.45.196.77:41919/inet smtpd',
      '[::1]:23106/inet smtpd',
      'smtp/unix smtp',
      'scalemail-backend/unix pipe',
    ]);
    expect(services[2]?.overrides).toEqual([
      ['syslog_name', 'postfix/submission'],
      ['smtpd_tls_security_level', 'encrypt'],
    ]);
    expect(services[3]?.overrides).toEqual([['smtpd_tls_chain_files', '/tls/b.key /tls/b.pem']]);
  });
  it('is the last of several lines with one name and type', () => {
    const [only, ...more] = parseMaster(
      'smtp inet n - n - - smtpd -o a=b\nsmtp inet n - n - - smtpd -o a= -oc=d',
    );
    expect(only?.overrides).toEqual([
      ['a', ''],
      ['c', 'd'],
    ]);
    expect(more).toEqual([]);
  });
  it.each([
    ['', false],
    ['inet', true],
    ['smtp/inet', true],
    ['!smtp/inet, inet', false],
    ['submission/inet unix', false],
  ])('disabled by "%s": %s', (patterns, disabled) => {
    const [smtp] = parseMaster('smtp inet n - n - - smtpd');
    expect(smtp === undefined ? undefined : isDisabled(smtp, patterns)).toBe(disabled);
  });
});

describe('where it listens', () => {
  it.each([
    ['smtp', undefined, 'smtp'],
    ['10025', undefined, '10025'],
    ['192.0.2.1:smtp', '192.0.2.1', 'smtp'],
    ['[2001:db8::1]:587', '2001:db8::1', '587'],
    ['::1:smtp', '::1', 'smtp'],
    ['localhost:10026', 'localhost', '10026'],
  ])('%s', (name, host, port) => expect(placeOf(name)).toEqual({ host, port }));
});
