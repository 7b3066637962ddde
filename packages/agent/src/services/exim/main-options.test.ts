import { describe, expect, it } from 'vitest';
import { dependsOnSniAlone, listenersOf, parseDefaults, parseOptions } from './main-options.js';

// As Exim 4.96 printed them: exim4 -bP …
const usual = parseOptions(`tls_certificate = /tls/a.pem
tls_advertise_hosts = *
tls_on_connect_ports =${' '}
daemon_smtp_ports = smtp
local_interfaces = <; ::0 ; 0.0.0.0
no_disable_ipv6
`);
const machine = { etcServices: '', ipv6: true };
const where = (options = usual, defaults = '', on = machine): readonly string[] =>
  listenersOf(options, parseDefaults(defaults), on).map(
    ({ protocol, host, port }) => `${protocol} ${host} ${port}`,
  );
const changed = (...lines: readonly string[]): typeof usual =>
  new Map([...usual, ...parseOptions(lines.join('\n'))]);

describe('where Exim listens', () => {
  it('is everywhere at first', () => {
    expect(where()).toEqual(['smtp ::1 25', 'smtp 127.0.0.1 25']);
    expect(where(usual, '', { ...machine, ipv6: false })).toEqual(['smtp 127.0.0.1 25']);
    expect(where(changed('disable_ipv6'))).toEqual(['smtp 127.0.0.1 25']);
  });
  it('is by ports, of which some begin with TLS', () => {
    const options = changed(
      'daemon_smtp_ports = 25 : 465 : submission',
      'tls_on_connect_ports = smtps',
    );
    expect(where(changed('disable_ipv6', ...lines(options)))).toEqual([
      'smtp 127.0.0.1 25',
      'smtps 127.0.0.1 465',
      'smtp 127.0.0.1 587',
    ]);
  });
  it("can be said on Debian's command line of the daemon", () => {
    expect(where(usual, `SMTPLISTENEROPTIONS='-oX 465:25 -oP /run/exim4/exim.pid'\n`)).toEqual([
      'smtp ::1 465',
      'smtp ::1 25',
      'smtp 127.0.0.1 465',
      'smtp 127.0.0.1 25',
    ]);
    const place = 'SMTPLISTENEROPTIONS="-tls-on-connect -oX 192.0.2.1.465"';
    expect(where(usual, `# comment\n${place}\n`)).toEqual(['smtps 192.0.2.1 465']);
    expect(where(usual, "SMTPLISTENEROPTIONS=''\n")).toEqual(where());
  });
  it('shows nothing by STARTTLS where that is not for everybody', () => {
    const few = changed('tls_advertise_hosts = 192.0.2.0/24', 'tls_on_connect_ports = 25');
    expect(where(few)).toEqual(['smtps ::1 25', 'smtps 127.0.0.1 25']);
    expect(where(changed('tls_advertise_hosts ='))).toEqual([]);
  });
});

function lines(options: typeof usual): readonly string[] {
  return [...options].map(([name, value]) => (value === '' ? name : `${name} = ${value}`));
}

describe('a value depends on the asked name alone', () => {
  it.each([
    ['/tls/a.pem', true],
    ['${if exists{/tls/$tls_in_sni.pem}{/tls/${tls_in_sni}.pem}{/tls/a.pem}}', true],
    ['${lookup{${lc:$tls_in_sni}}lsearch{/tls/names}{$value}{/tls/a.pem}}', true],
    ['/tls/$received_ip_address.pem', false],
    ['${if eq{${received_port}}{465}{/tls/a.pem}{/tls/b.pem}}', false],
  ])('%s: %s', (value, alone) => expect(dependsOnSniAlone(value)).toBe(alone));
});
