import { expect, it } from 'vitest';
import { recordedParts, usesOf } from '../../testing/reader-parts.js';
import { readPostfix } from './read-postfix.js';
import { tlsParameters } from './tls-parameters.js';

const asked = tlsParameters.join(' ');
const main =
  'postconf -x inet_interfaces inet_protocols master_service_disable smtpd_service_name postscreen_upstream_proxy_protocol';
const parameters = (lines: string): string =>
  `smtpd_tls_cert_file = /tls/a.pem\nsmtpd_tls_security_level = may\nqueue_directory = /var/spool/postfix\n${lines}`;
const usual = {
  [main]: 'inet_interfaces = all\ninet_protocols = all\nsmtpd_service_name = smtpd\n',
  'postconf -M': 'smtp inet n - y - - smtpd\n',
};

it('takes a wildcard apart into the families that the machine has', async () => {
  const answers = { ...usual, [`postconf -x ${asked}`]: parameters('') };
  expect(usesOf(await readPostfix(recordedParts(answers), undefined))).toEqual([
    '127.0.0.1:25 - /tls/a.pem',
  ]);
  const texts = { '/proc/net/if_inet6': '00000000000000000000000000000001 01 80 10 80 lo\n' };
  expect(usesOf(await readPostfix(recordedParts(answers, texts), undefined))).toEqual([
    '127.0.0.1:25 - /tls/a.pem',
    '[::1]:25 - /tls/a.pem',
  ]);
});

it('resolves names, and tells nothing of what stands behind a proxy', async () => {
  const haproxy = '-o smtpd_upstream_proxy_protocol=haproxy';
  const answers = {
    ...usual,
    [main]:
      'inet_interfaces = mail.example.org, localhost\ninet_protocols = ipv4\nsmtpd_service_name = smtpd\n',
    'postconf -M': `smtp inet n - y - - smtpd\n2525 inet n - y - - smtpd ${haproxy}\n`,
    'getent ahosts mail.example.org':
      '2001:db8::25 STREAM mail.example.org\n192.0.2.25 STREAM \n192.0.2.25 DGRAM\n',
    [`postconf -x ${asked}`]: parameters(''),
    [`postconf -x ${haproxy} ${asked}`]: parameters('smtpd_upstream_proxy_protocol = haproxy\n'),
  };
  expect(usesOf(await readPostfix(recordedParts(answers), undefined))).toEqual([
    '192.0.2.25:25 - /tls/a.pem',
  ]);
});

it('says no name that a table before it may answer for', async () => {
  const maps = 'texthash:/sni pcre:/patterns texthash:/other';
  const answers = {
    ...usual,
    [`postconf -x ${asked}`]: parameters(`tls_server_sni_maps = ${maps}\n`),
  };
  const texts = { '/sni': 'a.example relative.pem\n', '/other': 'b.example /tls/b.pem\n' };
  expect(usesOf(await readPostfix(recordedParts(answers, texts), undefined))).toEqual([
    '127.0.0.1:25 - /tls/a.pem',
    '127.0.0.1:25 a.example /var/spool/postfix/relative.pem',
  ]);
});

it('is unread where Postfix is not installed', async () => {
  expect(await readPostfix(recordedParts({}), undefined)).toEqual({
    kind: 'unread',
    why: 'there is no program postconf',
  });
});
