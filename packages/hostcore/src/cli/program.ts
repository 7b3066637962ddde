import { command, type Program } from '@sixhub/base';
import {
  config,
  confirmWithin,
  filesOnly,
  host,
  noVerify,
  noWait,
  root,
  state,
  targetOptions,
  usualConfigFile,
  usualStateDirectory,
  usualStatusFile,
} from './options.js';

export const hostcore: Program = {
  name: 'hostcore',
  version: '0.1.0',
  summary:
    'the physical host below VMs (bridge, NAT64, DNS64, router advertisements) from one file: checked, explained, applied, and taken back unless confirmed',
  files: [
    [usualConfigFile, 'the hosts, and everything that is decided about them'],
    [usualStatusFile, 'how the host was when `hostcore drift` looked last'],
    [usualStateDirectory, 'for each apply, what was before it, and a journal of what was done'],
    ['/etc/sixhub/guests', 'for each VM, what belongs into it, and the line that creates it'],
  ],
  commands: [
    command({
      name: 'init',
      summary: 'asks for what host.toml needs, and writes it',
      description:
        'What was found on this machine is the default of each question; an empty line takes it. Answers may come through a pipe, a line each.\n\n' +
        'Exit 0: written. 3: written, and a person has something to correct.',
      operands: [],
      options: {
        config,
        root,
        'files-only': filesOnly,
        force: { kind: 'flag', summary: 'ask anew where there is a host.toml' },
      },
      examples: [{ line: 'hostcore init', does: 'asks, and writes /etc/sixhub/host.toml' }],
      run: async (input, terminal) => (await import('./init.js')).initHost(input, terminal),
    }),
    command({
      name: 'adopt',
      summary: 'writes host.toml from what this host has',
      description:
        'Reads netplan, networkd or ifupdown, rc.local with ebtables, tayga, BIND or Unbound, radvd, libvirt, and the kernel; says on standard error what it took for granted, and what it found and has no place for.\n\n' +
        'Exit 0: written. 1: no network was found. 3: written, and a person has something to correct.',
      operands: [],
      options: {
        config,
        root,
        'files-only': filesOnly,
        print: { kind: 'flag', summary: 'print it, and write nothing' },
        force: { kind: 'flag', summary: 'replace a host.toml that is there' },
      },
      examples: [
        { line: 'hostcore adopt --print', does: 'shows it' },
        { line: 'hostcore adopt -c host.toml', does: 'writes it, to be compared' },
      ],
      run: async (input, terminal) => (await import('./adopt.js')).adoptHost(input, terminal),
    }),
    command({
      name: 'lint',
      summary: 'what is wrong, or will be, each with reason, clause and remedy',
      description:
        'Contradictions of host.toml, and what it and this machine have that daemons accept and that does not work. What could not be judged, since it was left out or could not be read, is named at the end.\n\n' +
        'Exit 0: nothing, or warnings. 1: errors. 2: host.toml itself is wrong.',
      operands: [],
      options: { config, host, root, 'files-only': filesOnly },
      examples: [{ line: 'hostcore lint', does: 'reads host.toml and looks at this machine' }],
      run: async (input, terminal) => (await import('./lint.js')).lintHost(input, terminal),
    }),
    command({
      name: 'render',
      summary: 'the files that host.toml comes to',
      description:
        'The same host.toml gives the same bytes, on every machine. Nothing is looked at.\n\n' +
        'Exit 0: rendered. 2: host.toml is wrong. 3: with -o, a file there was edited by hand or is of others, and a person decides.',
      operands: [
        { name: 'PATH', summary: 'this file alone, as it is called on the host', optional: true },
      ],
      options: {
        config,
        host,
        output: {
          kind: 'text',
          value: 'DIR',
          summary: 'write them below this directory',
          short: 'o',
          offer: 'directory',
        },
        force: {
          kind: 'flag',
          summary: 'with -o: replace files that are not as hostcore wrote them',
        },
      },
      examples: [
        { line: 'hostcore render /etc/radvd.conf', does: 'one of them' },
        { line: 'hostcore render -o rendered', does: 'all, to look through' },
      ],
      run: async (input, terminal) => (await import('./render.js')).renderFiles(input, terminal),
    }),
    command({
      name: 'plan',
      summary: 'what stands between this host and host.toml: files, kernel, services',
      description:
        'Compares with the files and with what the kernel does now, says what each change is for, which services are told, and whether this SSH session is cut and by what. Changes nothing.\n\n' +
        'Exit 0: shown. 3: a file of ours was edited by hand, and a person decides.',
      operands: [],
      options: { config, host, root, 'files-only': filesOnly },
      examples: [{ line: 'hostcore plan', does: 'shows it' }],
      run: async (input, terminal) => (await import('./plan.js')).planHost(input, terminal),
    }),
    command({
      name: 'apply',
      summary: 'makes this host what host.toml says, and takes all back unless confirmed',
      description:
        "Every file is checked by its daemon's own checker; what is there is kept; a countdown is armed (in systemd, or a process of its own) that takes everything back; then files, kernel and services are changed, nothing but what differs. Then it waits for `hostcore confirm` from a new connection. Without it, and after a failure, a lost connection, a kill or a reboot, everything goes back.\n\n" +
        'Exit 0: confirmed, or nothing to do. 1: something failed, and everything is back. 3: a person decides first; with --no-wait: it waits for `hostcore confirm`.',
      operands: [],
      options: {
        config,
        host,
        state,
        'confirm-within': confirmWithin,
        'no-wait': noWait,
        'no-verify': noVerify,
        'dry-run': { kind: 'flag', summary: 'show every step, and take none' },
        install: { kind: 'flag', summary: 'install packages that are missing' },
        'replace-edited': {
          kind: 'flag',
          summary: 'replace files of ours that were edited by hand',
        },
        ...targetOptions,
      },
      examples: [
        { line: 'hostcore apply --dry-run', does: 'shows every step' },
        { line: 'hostcore apply', does: 'does it, and waits for `hostcore confirm`' },
      ],
      run: async (input, terminal) => (await import('./apply.js')).applyHost(input, terminal),
    }),
    command({
      name: 'confirm',
      summary: 'keeps what was applied; from a new connection, which proves that one can',
      description:
        'The connection is new when its sshd, as found among the processes above this one, started after the change was made.\n\n' +
        'Exit 0: kept. 1: nothing waits, or a daemon died of it. 3: refused, with the reason; the countdown goes on.',
      operands: [],
      options: {
        state,
        console: { kind: 'flag', summary: "at this machine's own console, without SSH" },
      },
      examples: [{ line: 'hostcore confirm', does: 'from a connection opened after the change' }],
      run: async (input, terminal) => (await import('./confirm.js')).confirmChange(input, terminal),
    }),
    command({
      name: 'rollback',
      summary: 'takes back what waits to be confirmed, or an apply that is in force',
      description:
        'What waits goes back at once. What is in force goes back, with all that came after it, as an apply does: armed, verified by packets (what is right and would not be any more, by the description of then, keeps it from being done), and undone unless confirmed.\n\n' +
        'Exit 0: back. 1: failed. 3: with --no-wait, it waits for `hostcore confirm`.',
      operands: [
        {
          name: 'NUMBER',
          summary: 'to before this apply; what waits, or else the newest in force, unless said',
          optional: true,
        },
      ],
      options: {
        state,
        'confirm-within': confirmWithin,
        'no-wait': noWait,
        'no-verify': noVerify,
        list: { kind: 'flag', summary: 'show what was applied, and what became of it' },
        armed: { kind: 'flag', summary: 'for the countdown: only when its time has come' },
        boot: { kind: 'flag', summary: 'for sixhub-hostcore.service: before the network' },
        ...targetOptions,
      },
      examples: [
        { line: 'hostcore rollback --list', does: 'shows the numbers' },
        { line: 'hostcore rollback 3', does: 'to what was before apply 3' },
      ],
      run: async (input, terminal) => (await import('./rollback.js')).rollback(input, terminal),
    }),
    command({
      name: 'verify',
      summary: 'whether this host does what host.toml says, proven by packets',
      description:
        'A client is put on the bridge and a stranger outside, each in a network namespace of its own that goes with this command: what the client is advertised, resolves and reaches, which VMs answer it, what the stranger is refused, and what leaves through the card. What could not be tested is said, and never counted as good. Needs root, and tcpdump. Ten seconds at most.\n\n' +
        'Exit 0: nothing is wrong. 1: something is. 4: it could not look at all.',
      operands: [],
      options: { config, host, ...targetOptions },
      examples: [
        { line: 'hostcore verify', does: 'looks, and says what is wrong, why, and what to do' },
        {
          line: 'hostcore verify --ipv4-target 192.0.2.80:443',
          does: 'the same, with a server of yours that has IPv4 alone',
        },
      ],
      run: async (input, terminal) => (await import('./verify.js')).verifyHost(input, terminal),
    }),
    command({
      name: 'drift',
      summary: 'what of this host is not as host.toml has it, for a timer and for monitoring',
      description:
        'What `hostcore plan` would change, and which daemons do not run; with --verify also what packets prove. Leaves it in a status file, which hub-agent reports to the hub, and for node_exporter with --metrics. Changes nothing else.\n\n' +
        'Exit 0: all is as described. 1: something differs or is wrong. 4: nothing that was seen differs, and not all could be seen.',
      operands: [],
      options: {
        config,
        host,
        verify: { kind: 'flag', summary: 'prove it by packets too, as `hostcore verify` does' },
        metrics: {
          kind: 'text',
          value: 'FILE',
          summary: "for node_exporter's textfile collector: a file that ends in .prom",
          offer: 'file',
        },
        status: {
          kind: 'text',
          value: 'FILE',
          summary: 'where it is left for hub-agent',
          default: usualStatusFile,
          offer: 'file',
        },
        'no-status': { kind: 'flag', summary: 'leave nothing' },
        ...targetOptions,
      },
      examples: [
        { line: 'hostcore drift', does: 'compares, shows, and leaves it for hub-agent' },
        {
          line: 'hostcore drift --verify --metrics /var/lib/prometheus/node-exporter/hostcore.prom',
          does: 'with packets, and for node_exporter',
        },
      ],
      run: async (input, terminal) => (await import('./drift.js')).driftOfHost(input, terminal),
    }),
    command({
      name: 'explain',
      summary: 'why something of this host is as it is',
      description:
        'Answered from host.toml alone. An address, a network, a device, a file, a VM, or a whole question.',
      operands: [{ name: 'THING', summary: 'what is asked about', many: true }],
      options: { config, host },
      examples: [
        { line: 'hostcore explain 64:ff9b::/96', does: 'what the prefix is for' },
        { line: 'hostcore explain "why is there a /128 on eno1"', does: 'a question' },
      ],
      run: async (input, terminal) => (await import('./explain.js')).explain(input, terminal),
    }),
    command({
      name: 'schema',
      summary: 'the JSON schema of host.toml, for editors',
      operands: [],
      options: {},
      examples: [
        {
          line: 'hostcore schema',
          does: 'to be kept as host.schema.json, and named in the first line of host.toml: #:schema host.schema.json',
        },
      ],
      run: async (input, terminal) => (await import('./schema.js')).schema(input, terminal),
    }),
  ],
};
