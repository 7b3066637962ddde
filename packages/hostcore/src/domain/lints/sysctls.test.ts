import { expect, test } from 'vitest';
import { lint } from '../lint.js';
import { sysctlLints } from './sysctls.js';
import { hostOf } from '../../testing/sample-host.js';

const toml = `[host.merlin]
release = "debian12"
uplink = {device = "eno1", mac = "00:24:21:21:ac:99"}
ipv6 = {network = "2a01:4f8:1:3::/64", address = "2a01:4f8:1:3:abcd::17"}
ipv4 = {address = "45.67.90.10", gateway = "45.67.90.1"}
nat64 = {}
`;

function facts(path: string, text: string): readonly string[] {
  const host = hostOf(toml);
  const nothing = { release: undefined, hostname: undefined, packages: undefined };
  const files = new Map([[path, text]]);
  return lint(sysctlLints, host, { ...nothing, kernel: undefined, files }).map(({ fact }) => fact);
}

const later = '/etc/sysctl.d/99-old.conf';

test.each([
  ['# x\nnet.ipv6.conf.br0.accept_ra = 2\n', '99-old.conf:2 sets net/ipv6/conf/br0/accept_ra to 2'],
  ['-net/ipv4/conf/all/forwarding=0\n', 'sets net/ipv4/ip_forward to 0'],
])('%j, read after ours, overrules it', (text, said) => {
  expect(facts(later, text)).toEqual([expect.stringContaining(said)]);
});

test.each([
  ['read before ours', '/etc/sysctl.d/10-old.conf', 'net.ipv6.conf.br0.accept_ra = 2'],
  ['of the same value', later, 'net.ipv6.conf.all.forwarding=1'],
  ['of a pattern', later, 'net.ipv6.conf.*.accept_ra = 2'],
  ['in a comment', later, '#net.ipv4.ip_forward=0'],
  ['that a later line corrects', later, 'net.ipv4.ip_forward=0\nnet.ipv4.ip_forward=1'],
])('a setting %s overrules nothing', (_, path, text) => {
  expect(facts(path, text)).toEqual([]);
});
