import { describe, expect, it } from 'vitest';
import { parseParameters, sourcesOf, tlsModeOf } from './tls-parameters.js';

// As Postfix 3.7 prints them, of an installation that has set nothing but its certificate.
const usual = `smtpd_tls_security_level =
smtpd_use_tls = no
smtpd_enforce_tls = no
smtpd_tls_wrappermode = no
smtpd_discard_ehlo_keywords =
smtpd_tls_chain_files =
smtpd_tls_cert_file = /tls/cert.pem
smtpd_tls_dcert_file =
smtpd_tls_eccert_file =
`;
const withLines = (lines: string): ReturnType<typeof parseParameters> =>
  parseParameters(`${usual}${lines}`);

describe('a smtpd shows a certificate', () => {
  it.each([
    ['', undefined],
    ['smtpd_tls_security_level = may', 'smtp'],
    ['smtpd_tls_security_level = secure', 'smtp'],
    ['smtpd_tls_security_level = none', undefined],
    ['smtpd_tls_security_level = none\nsmtpd_use_tls = yes', undefined],
    ['smtpd_enforce_tls = yes', 'smtp'],
    ['smtpd_tls_security_level = none\nsmtpd_tls_wrappermode = yes', 'smtps'],
    ['smtpd_tls_security_level = may\nsmtpd_discard_ehlo_keywords = dsn, STARTTLS', undefined],
    ['smtpd_tls_security_level = may\nsmtpd_tls_cert_file =', undefined],
    ['smtpd_tls_security_level = may\nsmtpd_tls_cert_file = none', 'smtp'],
  ])('%j: %s', (lines, mode) => expect(tlsModeOf(withLines(lines))).toBe(mode));
});

it('takes chain files before the older parameters, which are read in a fixed order', () => {
  expect(sourcesOf(withLines('smtpd_tls_eccert_file = /tls/ec.pem'))).toEqual([
    { kind: 'certificate', parameter: 'smtpd_tls_cert_file', file: '/tls/cert.pem' },
    { kind: 'certificate', parameter: 'smtpd_tls_eccert_file', file: '/tls/ec.pem' },
  ]);
  expect(sourcesOf(withLines('smtpd_tls_chain_files = /a.key,/a.pem  /b.pem'))).toEqual([
    { kind: 'chain', parameter: 'smtpd_tls_chain_files', files: ['/a.key', '/a.pem', '/b.pem'] },
  ]);
  expect(sourcesOf(withLines('smtpd_tls_cert_file = none'))).toEqual([]);
});
