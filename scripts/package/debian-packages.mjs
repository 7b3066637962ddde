/** lintian(1) is told of the Node that is carried: its makers' own build, and its licence with all that it names. */
const carriedNode = (name) => [
  `${name}: unstripped-binary-or-object [usr/lib/${name}/node]`,
  `${name}: embedded-library zlib [usr/lib/${name}/node]`,
  `${name}: hardening-no-pie [usr/lib/${name}/node]`,
  `${name}: copyright-file-contains-full-apache-2-license`,
  `${name}: old-fsf-address-in-copyright-file`,
];

/** `hub-agent detect --write` makes them. */
const dropIns = ['sixhub-agent.service', 'sixhub-agent-watch.service'].map(
  (unit) => `/etc/systemd/system/${unit}.d`,
);

/**
 * The Debian packages, each as what it is; what makes files of it stands beside. Two forms of program there are:
 *
 * - `one-file`: all that it imports in one file, for Debian's and Ubuntu's own Node (18 and up), the same for each
 *   architecture.
 * - `with-node`: beside the Node that the native parts were built for, since Debian 12 and Ubuntu 24.04 have none that is
 *   new enough. What it imports lies in node_modules as in a checkout: threads, workers and native parts are found by
 *   their place, and of 30 MB, most of which is Node, a bundle would spare one.
 *
 * `runsOn` is what it can't run without, in a version that an older release may not have: nothing is unpacked there.
 * `units` are enabled and started; those in `alsoStopped` are started by others. `purged` is what the program made by
 * itself: conffiles and what is in the package are dpkg's to remove.
 */
export const debianPackages = [
  {
    name: 'sixhub-agent',
    summary: 'installs certificates from a Sixhub hub and proves they are served',
    description: [
      'hub-agent pulls the certificates that this machine was granted, installs them with one atomic switch, reloads Apache, nginx, Postfix, Dovecot, HAProxy or Exim, connects to them as a client would, and goes back if the new certificate is not served.',
      'Nothing happens before the machine is enrolled at a hub (hub-agent enroll).',
    ],
    program: 'hub-agent',
    form: { kind: 'one-file', workspace: 'agent', command: 'hub-agent' },
    // 18.19 is Ubuntu 24.04's, and older than Debian 12's. util-linux (flock) is essential, and so always there.
    runsOn: ['nodejs (>= 18.19)'],
    recommends: ['openssl'],
    units: ['sixhub-agent.timer', 'sixhub-agent-watch.service'],
    alsoStopped: ['sixhub-agent.service'],
    directories: ['etc/sixhub'],
    docs: ['docs/agents.md', 'docs/agent.toml.md', 'docs/when.md'],
    purged: {
      trees: ['/var/lib/sixhub-agent'],
      files: [
        '/etc/sixhub/agent.toml',
        ...dropIns.map((place) => `${place}/sixhub-agent-toml.conf`),
      ],
      directories: ['/etc/sixhub', ...dropIns],
    },
  },
  {
    name: 'sixhub-hub',
    summary: 'obtains and renews certificates for all your servers',
    description: [
      'One hub obtains wildcard certificates for every domain through its built-in acme-dns server and one CNAME a domain, renews them, and hands them to the agents (package sixhub-agent) on the machines that serve them.',
      'The command is sixhub, with hub as a link to it. Nothing runs before the hub is set up (hub init).',
    ],
    program: 'hub',
    form: {
      kind: 'with-node',
      workspace: 'hub',
      command: 'sixhub',
      links: ['hub'],
      brings: 'agent', // onto machines, by `hub agent install`
    },
    depends: [
      'systemd | systemd-standalone-sysusers | systemd-sysusers',
      'systemd | systemd-standalone-tmpfiles | systemd-tmpfiles',
    ],
    // Another program called hub, for GitHub.
    conflicts: ['hub'],
    units: ['sixhub.service'],
    sysusers: [
      'u sixhub - "Sixhub hub" /var/lib/sixhub',
      '# Whoever is in it may use the hub commands without being root.',
      'g sixhub-admin -',
    ],
    // hub.toml, which `hub init` writes there as root, is for the hub's group, too.
    tmpfiles: ['d /etc/sixhub 2755 root sixhub-admin'],
    directories: ['etc/sixhub'],
    docs: ['README.md', 'docs'],
    overrides: carriedNode('sixhub-hub'),
    purged: {
      trees: ['/var/lib/sixhub'],
      files: ['/etc/sixhub/hub.toml', '/etc/sixhub/ca.pem'],
      directories: ['/etc/sixhub'],
    },
  },
  {
    name: 'sixhub-acme-dns',
    summary: 'authoritative DNS server for ACME challenges, with an HTTP API',
    description: [
      'An authoritative name server for ACME DNS-01 challenges with the HTTP API of the Go program acme-dns, whose accounts it takes over. For use without a hub: sixhub-hub has the same server built in.',
      'As it is installed it answers on loopback only; see /etc/acme-dns/config.cfg.',
    ],
    program: 'acme-dns',
    form: { kind: 'with-node', workspace: 'acme-dns', command: 'acme-dns' },
    // procps has /bin/kill, by which the unit reloads.
    depends: ['systemd | systemd-standalone-sysusers | systemd-sysusers', 'procps'],
    units: ['acme-dns.service'],
    sysusers: ['u acme-dns - "acme-dns" /var/lib/acme-dns'],
    conffiles: [
      { path: 'etc/acme-dns/config.cfg', from: 'packages/acme-dns/debian/config.cfg', mode: 0o644 },
    ],
    docs: ['docs/acme-dns.md', 'docs/acme-dns-speed.md'],
    overrides: carriedNode('sixhub-acme-dns'),
    purged: { trees: ['/var/lib/acme-dns'], files: [], directories: ['/etc/acme-dns'] },
  },
  {
    name: 'sixhub-hostcore',
    summary: 'physical host below virtual machines, from one file',
    description: [
      'Describes, checks, explains and makes the physical host below virtual machines from one file: bridge, NAT64, DNS64, router advertisements, for networkd or netplan.',
      'Nothing is changed before hostcore apply, and what it changes goes back unless it is confirmed from a new connection; at the next boot by its unit.',
      'Proves by packets that the host does what the file says, and looks regularly whether it still is so (sixhub-hostcore-drift.timer).',
    ],
    program: 'hostcore',
    form: { kind: 'one-file', workspace: 'hostcore', command: 'hostcore' },
    // util-linux (flock, unshare) is essential, and so always there.
    runsOn: ['nodejs (>= 18.19)'],
    // What `hostcore verify` looks with, and `plan`.
    depends: ['iproute2'],
    recommends: ['tcpdump', 'iputils-ping', 'nftables'],
    units: ['sixhub-hostcore.service', 'sixhub-hostcore-drift.timer'],
    alsoStopped: ['sixhub-hostcore-drift.service'],
    docs: [
      ...['docs/host.md', 'docs/host-apply.md', 'docs/host.toml.md', 'docs/host-verify.md'],
      'docs/host-speed.md',
    ],
    // What was before an apply that is in force is kept until a purge.
    purged: {
      trees: ['/var/lib/sixhub-hostcore'],
      files: [],
      directories: ['/etc/sixhub'],
    },
  },
];
