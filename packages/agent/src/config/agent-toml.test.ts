import { describe, expect, it } from 'vitest';
import { parseAgentConfig } from './agent-toml.js';

const parse = (text: string, systemdRuns = true): ReturnType<typeof parseAgentConfig> =>
  parseAgentConfig('agent.toml', text, systemdRuns, {
    self: { uid: 0, gid: 0 },
    users: new Map([['haproxy', 107]]),
    groups: new Map([['ssl-cert', 112]]),
  });

const certificate = (line: string): string => `[[certificate]]\nname = "a.b"\n${line}`;
const copy = (path: string, form = 'form = "joined"', more = ''): string =>
  certificate(`[[certificate.copy]]\n${form}\n${path}\n${more}`);

describe('agent.toml', () => {
  it('says how a certificate is kept, with the least that is needed', () => {
    const parsed = parse(
      copy('path = "/etc/haproxy/a.pem"', 'form = "joined"', 'owner = "haproxy"'),
    );
    expect(parsed.keepings).toEqual([
      {
        certificate: 'a.b',
        rights: undefined,
        copies: [
          {
            path: '/etc/haproxy/a.pem',
            form: 'joined',
            rights: { owner: 'haproxy', uid: 107, group: 'group 0', gid: 0, mode: 0o600 },
            passwordFile: undefined,
            alias: 'a.b',
          },
        ],
      },
    ]);
    const modeOf = (text: string): number | undefined => parse(text).keepings[0]?.rights?.mode;
    expect(modeOf(certificate('group = "ssl-cert"'))).toBe(0o640);
    expect(modeOf(certificate('group = "33"\nmode = "440"'))).toBe(0o440);
    expect(parse(copy('path = "/c.der"', 'form = "der"')).keepings[0]?.copies[0]).toMatchObject({
      rights: { uid: 0, mode: 0o644 },
    });
  });
  it('may be empty', () => {
    expect(parse('')).toEqual({
      state: '/var/lib/sixhub-agent',
      live: '/etc/letsencrypt/live',
      hostStatus: '/var/lib/sixhub-hostcore/status.json',
      services: [],
      keepings: [],
    });
  });
  it("has Debian's commands where it names none", () => {
    const apache = '[[service]]\nkind = "apache"\ncertificates = ["example.org"]\n';
    expect(parse(apache).services[0]).toMatchObject({
      name: 'apache',
      checks: [['apache2ctl', '-t']],
      reload: ['systemctl', 'reload', 'apache2.service'],
      connect: undefined,
      graceMs: 10_000,
    });
    expect(parse(apache, false).services[0]).toMatchObject({ reload: ['apache2ctl', 'graceful'] });
    expect(parse(`${apache}reload = ["mine"]\n`).services[0]).toMatchObject({ revive: ['mine'] });
  });
  it.each([
    ['stat = "/x"', "agent.toml:1: there is no setting 'stat'; did you mean 'state'?"],
    ['[[service]]\nkind = "apach"\ncertificates = ["a.b"]', 'known: apache'],
    ['[[service]]\nkind = "apache"\ncertificates = ["../../etc"]', 'not a certificate name'],
    [
      '[[service]]\nkind = "apache"\ncertificates = ["a.b"]\nconnect = ["::1:443"]',
      'agent.toml:4: ',
    ],
    [
      '[[service]]\nkind = "apache"\ncertificates = ["a.b"]\nreload = "systemctl reload"',
      'expected array',
    ],
    [
      '[[service]]\nkind = "apache"\ncertificates = ["a.b"]\n'.repeat(2),
      "two services named 'apache'",
    ],
    ['live = "live"', 'whole path'],
    [
      '[[certificate]]\nname = "../a"',
      'agent.toml:2: certificate.0.name: is not a certificate name',
    ],
    [certificate('group = "ssl"'), "agent.toml:3: certificate.0.group: there is no group 'ssl' on"],
    [certificate('owner = "nobody-here"'), "there is no user 'nobody-here'"],
    [certificate('mode = "0644"'), 'agent.toml:3: certificate.0.mode: would open the private key'],
    [certificate('mode = "0750"'), "'0750' is no mode of a file that is read"],
    [certificate('mode = 640'), 'must be a text, like "0640"'],
    [certificate('[[certificate]]\nname = "a.b"'), 'agent.toml:4: '],
    [copy('path = "a.pem"'), 'agent.toml:5: certificate.0.copy.0.path: must be a whole path'],
    [copy('path = "/etc/../x"'), 'must name one file'],
    [copy('path = "/etc/letsencrypt/live/x.pem"'), 'agent.toml:5: '],
    [copy('path = "/etc/letsencrypt/sixhub/x.pem"'), 'which hub-agent keeps by itself'],
    [
      copy('path = "/c.pem"', 'form = "pem"'),
      'agent.toml:4: certificate.0.copy.0.form: is no form',
    ],
    [copy('path = "/c.pem"', 'form = "joined"', 'mode = "0604"'), 'agent.toml:6: '],
    [copy('path = "/c.p12"', 'form = "pkcs12"'), "pkcs12 needs 'password_file'"],
    [copy('path = "/c.pem"', 'form = "cert"', 'password_file = "/p"'), 'goes with pkcs12, '],
    [copy('path = "/c.pem"', 'form = "cert"', 'alias = "x"'), 'agent.toml:6: '],
    [copy('path = "/c.p12"', 'form = "jks"', 'password_file = "/c.p12"'), 'file of a password'],
    [copy('path = "/c.pem"', 'form = "cert"', 'grup = "x"'), "did you mean 'group'?"],
    [
      `${copy('path = "/c.pem"')}\n${copy('path = "/c.pem"').replace('a.b', 'c.d')}`,
      'agent.toml:11: certificate.1.copy.0.path: there are two copies',
    ],
  ])('refuses %j with line and reason', (text, words) => {
    expect(() => parse(text)).toThrow(words);
  });
});
