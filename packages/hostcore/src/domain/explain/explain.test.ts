import { describe, expect, test } from 'vitest';
import { readEstate, sha256 } from '../../config/read-estate.js';
import { render } from '../../render/render.js';
import { addressTopics } from './address.js';
import { find, wordsOf, type Topic } from './topic.js';
import { topicsOf } from './topics.js';

const toml = `[host.merlin]
release = "debian12"
resolvers = ["2a01:4f8:0:1::53"]
uplink = {device = "eno1", mac = "00:24:21:21:ac:99"}
ipv6 = {network = "2a01:4f8:1:3::/64", address = "2a01:4f8:1:3:abcd::17"}
ipv4 = {address = "45.67.90.10", gateway = "45.67.90.1", networks = ["45.67.91.7/32"]}
nat64 = {}
dns64 = {}
ra = {}
relay.to = "hub"
vm.hub.mac = "52:54:00:12:34:56"
vm.mail = {mac = "52:54:00:ab:cd:ef", ipv4 = "45.67.91.7"}
`;

function ask(question: string, text = toml): readonly Topic[] {
  const [host] = readEstate('host.toml', text).hosts;
  if (host === undefined) throw new Error(text);
  const found = find(topicsOf(host, render(host, 'host.toml', sha256)), question);
  return found.length > 0 ? found : addressTopics(host, wordsOf(question));
}

describe('answers', () => {
  test.each([
    ['why is there a /128 on eno1', '2a01:4f8:1:3:abcd::17/128 on eno1', 'behind the bridge'],
    ['what is 64:ff9b::/96?', '64:ff9b::/96, the prefix of the NAT64', 'stands for all of IPv4'],
    ['2a01:4f8:1:3:5054:ff:fe12:3456', 'VM hub', 'RFC 4291 appendix A'],
    ['mail', 'VM mail', '45.67.91.7 as well'],
    ['45.67.91.7', 'VM mail', "the VM's router for IPv4 is the host"],
    ['fe80::1', 'route to everything else via fe80::1 on eno1', 'link-local'],
    ['why ebtables', 'MAC rewriting', 'There is none'],
    ['dns64', 'DNS64', 'BIND at 2a01:4f8:1:3:abcd::17'],
    ['radvd', 'router advertisements', 'three intervals'],
    ['pref64', 'PREF64', 'Debian 12'],
    ['192.168.255.0/24', '192.168.255.0/24, the pool of the NAT64', 'nobody outside sees them'],
    ['/etc/radvd.conf', '/etc/radvd.conf', 'hostcore render'],
    ['accept_ra br0', 'net/ipv6/conf/br0/accept_ra = 0', 'told by hand'],
    ['64:ff9b::2d43:5950', '64:ff9b::2d43:5950', '45.67.89.80'],
    [
      '2a01:4f8:1:3:5054:ff:fe99:9999',
      '2a01:4f8:1:3:5054:ff:fe99:9999',
      'derived from a MAC address',
    ],
    ['192.0.2.1', '192.0.2.1', 'documentation'],
  ])('%s', (question, title, said) => {
    const [topic] = ask(question);
    expect(topic?.title).toBe(title);
    expect(topic?.text.join(' ')).toContain(said);
  });

  test('port 53 means both who answers there', () => {
    expect(ask('port 53').map(({ title }) => title)).toEqual(['DNS64', 'port 53 of 45.67.90.10']);
  });

  test('the mode changes them', () => {
    const bridged = toml.replace('ac:99"}', 'ac:99", mode = "bridged"}');
    expect(ask('ebtables', bridged)[0]?.text.join(' ')).toContain('At eno1 alone');
  });

  test('what is not of this host has none', () => {
    expect(ask('quux')).toEqual([]);
    expect(ask('45.1.2.3')).toEqual([]);
  });
});
