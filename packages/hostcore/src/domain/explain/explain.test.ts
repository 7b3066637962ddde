import { describe, expect, test } from 'vitest';
import { readEstate, sha256 } from '../../config/read-estate.js';
import { render } from '../../render/render.js';
import { addressTopics } from './address.js';
import { unknownTopics } from './unknown.js';
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
  const words = wordsOf(question);
  return found.length > 0 ? found : [...addressTopics(host, words), ...unknownTopics(host, words)];
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

  test('what a route leads to is not called somewhere in the internet', () => {
    const text = `${toml}ipv4.networks = ["45.67.91.7/32", "45.67.92.9/32"]\nlink.eth1 = {}
[[host.merlin.route]]
to = "45.67.92.9/32"
device = "br0"
[[host.merlin.route]]
to = "2a01:4f8:9:2::/64"
via = "fe80::ff:fee1:b"
device = "eth1"
`
      .replace('networks = ["45.67.91.7/32"]}', '}')
      .replace('"45.67.90.1", }', '"45.67.90.1"}');
    expect(ask('45.67.92.9', text)[0]?.text.join()).toContain('45.67.92.9/32 goes through br0');
    expect(ask('2a01:4f8:9:2::80', text)[0]?.text.join()).toMatch(
      /2a01:4f8:9:2::\/64 goes through eth1 via fe80::ff:fee1:b/,
    );
    expect(ask('2a01:4f8:9:3::80', text)[0]?.text.join()).toContain('somewhere in the internet');
  });

  test('a /128 on the card is on the bridge as well only where it is', () => {
    expect(ask('a /128 on eno1')[0]?.text.join()).toContain('The same address is on both');
    const wider = toml
      .replace('eno1",', 'eno1", mode = "routed-prefix",')
      .replace('"2a01:4f8:1:3::/64"', '"2a01:4f8:1::/56"')
      .replace('1:3:abcd::17', '1:0:abcd::17')
      .replace('nat64 = {}', 'nat64 = {}\ninside.network = "2a01:4f8:1:3::/64"');
    const said = ask('a /128 on eno1', wider)[0]?.text.join();
    expect(said).toContain('There the host is 2a01:4f8:1:3::1');
    expect(said).not.toContain('on both');
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
  });
});

/** `because`, wherever there is none: who asks has read of it, or seen it elsewhere. */
describe('what there is not has its reason', () => {
  const bare = toml
    .split('\n')
    .filter((line) => !/^(ipv4|nat64|dns64|ra|relay|vm)\b/.test(line))
    .join('\n');
  const bridged = toml.replace('ac:99"}', 'ac:99", mode = "bridged"}');
  test.each<[string, string, string, string]>([
    ['why is there a /128 on eno1', bridged, '/128 on eno1: there is none', 'port of br0'],
    ['/etc/rc.local', toml, '/etc/rc.local', 'it is not needed'],
    ['rc.local', bridged, '/etc/rc.local', 'at eno1 alone'],
    ['what is virbr0', toml, "virbr0, libvirt's own bridge", '192.168.122.1'],
    ['why is there no pref64', toml, 'PREF64', 'Debian 12 has radvd 2.19'],
    ['pref64', toml.replace('ra = {}', 'ra.pref64 = "never"'), 'PREF64', 'host.toml says'],
    ['pref64', toml.replace('ra = {}', 'ra.engine = "networkd"'), 'PREF64', 'systemd 252'],
    ['pref64', toml.replace('ra = {}', ''), 'PREF64: it is not sent', 'no router advertisements'],
    ['pref64', `${bare}ra = {}\n`, 'PREF64: it is not sent', 'there is no NAT64'],
    ['relay', bare, 'relay of port 53: there is none', 'no IPv4 address'],
    ['relay', toml.replace('relay.to = "hub"', ''), 'relay of port 53: there is none', 'no table'],
    ['ndppd', toml, 'neighbour discovery proxy: there is none', 'without asking'],
    ['proxy arp', bridged, 'proxy ARP: there is none', 'because'],
    ['vm', bare, 'VMs: there are none', 'describes none'],
    ['ipv4', bare, 'IPv4: there is none', 'no table ipv4'],
    ['announce', toml, 'announcements to other hosts: there are none', 'describes none'],
    ['ifupdown', toml, 'the network manager: networkd', 'set aside'],
    ['resolv.conf', toml, 'name servers of the host', '2a01:4f8:0:1::53'],
    ['docker', toml, 'firewall', 'forward-dropped'],
    ['dhcp', toml, 'DHCP: there is none', 'asks nobody'],
    ['raid', toml, 'mail when the RAID degrades: there is none', 'no raid-mail'],
    ['eth1', toml, 'eth1: not of hostcore', 'leaves it alone'],
    ['/etc/postfix/main.cf', toml, '/etc/postfix/main.cf: not of hostcore', 'leaves it alone'],
    ['8.8.8.8', toml, '8.8.8.8', '64:ff9b::808:808'],
    ['2606:4700::1', toml, '2606:4700::1', 'through fe80::1'],
    ['vlan', toml, 'MTU, VLANs, bonds, Wi-Fi, tunnels: host.toml has no words for them', 'adopt'],
  ])('%s', (question, text, title, said) => {
    const [topic] = ask(question, text);
    expect(topic?.title).toBe(title);
    expect(topic?.text.join(' ')).toContain(said);
  });

  test('each topic of each host has a title of its own, words and a text', () => {
    for (const text of [toml, bare, bridged]) {
      const [host] = readEstate('host.toml', text).hosts;
      if (host === undefined) throw new Error(text);
      const all = topicsOf(host, render(host, 'host.toml', sha256));
      expect(new Set(all.map(({ title }) => title)).size).toBe(all.length);
      for (const { words, text: said } of all) {
        expect(words.every((word) => word === word.toLowerCase() && !word.includes(' '))).toBe(
          true,
        );
        expect(said.join('')).not.toContain('undefined');
      }
    }
  });
});
