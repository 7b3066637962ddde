import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * Every Debian package that this repository uses beyond Node: what proves that it is there (a command, or a
 * file's whole path), which purposes need it, and which units must not stay enabled after we alone wanted it.
 * The names are the same in Debian 12 and 13.
 */
const packages = [
  { name: 'python3', proof: 'python3', for: ['build'] },
  { name: 'make', proof: 'make', for: ['build'] },
  { name: 'g++', proof: 'g++', for: ['build'] },
  { name: 'openssl', proof: 'openssl', for: ['demo', 'test', 'bench', 'debian'] },
  { name: 'bsdutils', proof: 'script', for: ['test', 'debian'] },
  { name: 'util-linux', proof: 'setpriv', for: ['demo', 'demo-host', 'test', 'bench', 'debian'] },
  { name: 'pebble', proof: 'pebble', for: ['demo', 'test', 'bench', 'debian'] },
  {
    name: 'unbound',
    proof: 'unbound',
    for: ['demo', 'demo-host', 'test', 'bench', 'debian'],
    units: ['unbound.service'],
  },
  { name: 'apache2', proof: 'apache2', for: ['demo', 'test', 'bench'], units: ['apache2.service'] },
  { name: 'apache2-utils', proof: 'htpasswd', for: ['test'] },
  { name: 'sqlite3', proof: 'sqlite3', for: ['test', 'bench'] },
  { name: 'bind9-dnsutils', proof: 'dig', for: ['test', 'bench'] },
  { name: 'bind9-utils', proof: 'dnssec-signzone', for: ['test'] },
  { name: 'iproute2', proof: 'ip', for: ['demo-host', 'test', 'bench', 'debian'] },
  { name: 'nftables', proof: 'nft', for: ['demo-host', 'test', 'bench'] },
  { name: 'tayga', proof: 'tayga', for: ['demo-host', 'test', 'bench'], units: ['tayga.service'] },
  { name: 'bind9', proof: 'named', for: ['demo-host', 'test', 'bench'], units: ['named.service'] },
  { name: 'radvd', proof: 'radvd', for: ['demo-host', 'test', 'bench'], units: ['radvd.service'] },
  { name: 'ndppd', proof: 'ndppd', for: ['test'], units: ['ndppd.service'] },
  { name: 'ifupdown', proof: 'ifup', for: ['test'], units: ['networking.service'] },
  { name: 'isc-dhcp-client', proof: 'dhclient', for: ['test'] },
  { name: 'ebtables', proof: 'ebtables', for: ['test'] },
  { name: 'iptables', proof: 'ebtables-nft', for: ['test'] },
  { name: 'bridge-utils', proof: 'brctl', for: ['test'] },
  { name: 'netplan.io', proof: 'netplan', for: ['demo-host', 'test', 'bench'] },
  { name: 'dbus-daemon', proof: 'dbus-daemon', for: ['demo-host', 'test', 'bench'] },
  {
    name: 'dbus-system-bus-common',
    proof: '/usr/share/dbus-1/system.conf',
    for: ['demo-host', 'test', 'bench'],
  },
  { name: 'ndisc6', proof: 'rdisc6', for: ['demo-host', 'test', 'bench'] },
  { name: 'iputils-ping', proof: 'ping', for: ['demo-host', 'test', 'bench'] },
  { name: 'tcpdump', proof: 'tcpdump', for: ['demo-host', 'test'] },
  { name: 'virtinst', proof: 'virt-install', for: ['test'] },
  { name: 'curl', proof: 'curl', for: ['demo-host', 'test', 'bench'] },
  { name: 'tmux', proof: 'tmux', for: ['test'] },
  { name: 'zsh', proof: 'zsh', for: ['test'] },
  { name: 'fish', proof: 'fish', for: ['test'] },
  { name: 'man-db', proof: 'lexgrog', for: ['test'] },
  { name: 'mandoc', proof: 'mandoc', for: ['test'] },
  { name: 'systemd', proof: 'systemd-analyze', for: ['demo-host', 'test'] },
  { name: 'certbot', proof: 'certbot', for: ['test', 'bench'], units: ['certbot.timer'] },
  { name: 'dehydrated', proof: 'dehydrated', for: ['test'] },
  { name: 'knot', proof: 'knotd', for: ['test', 'bench'], units: ['knot.service'] },
  { name: 'postfix', proof: 'postfix', for: ['test', 'bench'], units: ['postfix.service'] },
  {
    name: 'dovecot-core',
    proof: 'dovecot',
    for: ['test', 'bench'],
    units: ['dovecot.service', 'dovecot.socket'],
  },
  { name: 'dovecot-imapd', proof: '/usr/lib/dovecot/imap', for: ['test', 'bench'] },
  { name: 'dovecot-pop3d', proof: '/usr/lib/dovecot/pop3', for: ['test', 'bench'] },
  { name: 'dovecot-lmtpd', proof: '/usr/lib/dovecot/lmtp', for: ['test', 'bench'] },
  { name: 'dovecot-managesieved', proof: '/usr/lib/dovecot/managesieve', for: ['test', 'bench'] },
  { name: 'nginx', proof: 'nginx', for: ['test'], units: ['nginx.service'] },
  { name: 'haproxy', proof: 'haproxy', for: ['test'], units: ['haproxy.service'] },
  { name: 'sudo', proof: 'sudo', for: ['test'] },
  { name: 'default-jre-headless', proof: 'keytool', for: ['test'] },
  {
    name: 'openssh-server',
    proof: 'sshd',
    for: ['demo-host', 'test', 'bench'],
    units: ['ssh.service', 'ssh.socket'],
  },
  { name: 'busybox', proof: 'busybox', for: ['test'] },
  { name: 'dropbear-bin', proof: 'dropbear', for: ['test'] },
  { name: 'faketime', proof: 'faketime', for: ['test'] },
  { name: 'strace', proof: 'strace', for: ['test'] },
  { name: 'procps', proof: 'pkill', for: ['test', 'bench'] },
  { name: 'zonemaster-cli', proof: 'zonemaster-cli', for: ['test'] },
  { name: 'dnsviz', proof: 'dnsviz', for: ['test'] },
  { name: 'age', proof: 'age', for: ['test'] },
  {
    name: 'prometheus',
    proof: 'promtool',
    for: ['test'],
    units: ['prometheus.service', 'prometheus-node-exporter.service'],
  },
  { name: 'wrk', proof: 'wrk', for: ['bench'] },
  { name: 'iperf3', proof: 'iperf3', for: ['bench'] },
  { name: 'dnsperf', proof: 'dnsperf', for: ['test', 'bench'] },
  { name: 'lintian', proof: 'lintian', for: ['debian'] },
  { name: 'debootstrap', proof: 'debootstrap', for: ['debian'] },
  { name: 'systemd-container', proof: 'systemd-nspawn', for: ['debian'] },
  { name: 'shellcheck', proof: 'shellcheck', for: ['debian'] },
  { name: 'binutils', proof: 'strip', for: ['test', 'debian'] },
];

export const purposes = ['build', 'demo', 'demo-host', 'test', 'bench', 'debian'];

export function isPurpose(word) {
  return purposes.includes(word);
}

/** Names of the packages that a purpose needs and this machine does not show. */
export function missingPackages(purpose) {
  return packages
    .filter((entry) => entry.for.includes(purpose) && !isThere(entry.proof))
    .map((entry) => entry.name);
}

/** Units that installing these packages enables for the next boot. */
export function unitsOf(names) {
  return packages.filter((entry) => names.includes(entry.name)).flatMap((e) => e.units ?? []);
}

function isThere(proof) {
  if (proof.startsWith('/')) return isReachable(proof, constants.F_OK);
  return searchPath().some((directory) => isReachable(join(directory, proof), constants.X_OK));
}

/** Daemons lie in sbin, which the PATH of a plain user on Debian leaves out. */
export function searchPath() {
  const own = (process.env['PATH'] ?? '').split(delimiter).filter((entry) => entry !== '');
  return [...new Set([...own, '/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/bin', '/bin'])];
}

function isReachable(path, mode) {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false; // not there, or not ours to run: missing either way
  }
}
