import { describe, expect, it } from 'vitest';
import { parseAgentConfig } from './agent-toml.js';

const parse = (text: string, systemdRuns = true): ReturnType<typeof parseAgentConfig> =>
  parseAgentConfig('agent.toml', text, systemdRuns);

describe('agent.toml', () => {
  it('may be empty', () => {
    expect(parse('')).toEqual({
      state: '/var/lib/sixhub-agent',
      live: '/etc/letsencrypt/live',
      services: [],
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
  ])('refuses %j with line and reason', (text, words) => {
    expect(() => parse(text)).toThrow(words);
  });
});
