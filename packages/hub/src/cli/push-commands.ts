import { command, type CommandGroup } from '@sixhub/base';
import { connection } from './connection.js';
import { certificateNames, pushTargetNames } from './offers.js';

const target = {
  name: 'NAME',
  summary: 'a target of `hub push list`',
  offer: pushTargetNames,
} as const;

const hostKey = {
  kind: 'texts',
  value: 'SHA256:…',
  summary: 'the fingerprint that an unknown host must show, for scripts',
} as const;

/** Of the caller's own login, by which the receiver gets there. */
const login = {
  identity: {
    kind: 'text',
    value: 'FILE',
    summary: 'with --install: the private key to log in with; its passphrase is asked for',
    short: 'i',
    offer: 'file',
  },
  jump: {
    kind: 'text',
    value: 'USER@HOST',
    summary: 'with --install: log in there first, and go on from it',
    short: 'J',
  },
  yes: { kind: 'flag', summary: 'do not ask', short: 'y' },
} as const;

const onTheHost = {
  file: {
    kind: 'texts',
    value: 'FORM=PATH[:MODE[:OWNER]]',
    summary: 'a file there: fullchain, cert, chain, privkey, joined, joined-key-first',
  },
  check: {
    kind: 'text',
    value: 'COMMAND',
    summary: "the service's own check of its configuration",
  },
  reload: { kind: 'text', value: 'COMMAND', summary: 'has the service read the new files' },
} as const;

export const pushCommands: CommandGroup = {
  kind: 'group',
  name: 'push',
  summary: 'hosts that can take no agent: the hub brings certificates by SSH',
  commands: [
    command({
      name: 'add',
      summary: 'push to a host from now on: prints the line for its authorized_keys',
      description:
        'Makes a key for this host alone, which stays in the hub, and pins the key of the host: it must be\n' +
        'in known_hosts, or it is shown and asked for. On standard output: the line for authorized_keys\n' +
        'there, which lets this key start the receiver and nothing else. With --install, your own SSH login\n' +
        'puts receiver, list and line there.\n\n' +
        'With --sftp, for a host that can run no sh of ours: the hub writes the files by SFTP, and nothing\n' +
        'there binds it to them. Less safe; see docs/push.md.',
      operands: [
        { name: 'NAME', summary: "the host's name here" },
        { name: 'USER@HOST', summary: 'where the hub logs in: root@nas, admin@[2001:db8::1]:2222' },
      ],
      options: {
        ...connection,
        cert: {
          kind: 'texts',
          value: 'NAME',
          summary: 'a certificate that it gets',
          offer: certificateNames,
        },
        connect: {
          kind: 'texts',
          value: 'HOST:PORT',
          summary: 'where it serves it, seen from the hub: nas:443, smtp://nas:25',
        },
        servername: {
          kind: 'texts',
          value: 'NAME',
          summary: 'the name to ask for there (SNI; default: HOST of --connect)',
        },
        'host-key': hostKey,
        install: { kind: 'flag', summary: 'put receiver, list and line there by your own login' },
        sftp: { kind: 'flag', summary: 'without a receiver: files by SFTP, commands by the hub' },
        ...onTheHost,
        ...login,
      },
      examples: [
        {
          line: 'hub push add mail root@mail.example.org --cert example.org --connect smtp://mail.example.org:25',
          does: 'prints what to put on the host, and the line for its authorized_keys',
        },
      ],
      run: async (input, terminal) => (await import('./push-add.js')).add(input, terminal),
    }),
    command({
      name: 'install',
      summary: 'put receiver, list and line on a host that was added, by your own login',
      description:
        'Again, it brings the receiver of this hub. A list that is there stays as it is: what the host takes\n' +
        'is decided there.',
      operands: [target],
      options: { ...connection, 'host-key': hostKey, ...onTheHost, ...login },
      examples: [
        {
          line: "hub push install mail --file joined-key-first=/etc/postfix/tls.pem --reload 'postfix reload'",
          does: 'says what it will do, asks, does it, and pushes',
        },
      ],
      run: async (input, terminal) => (await import('./push-add.js')).install(input, terminal),
    }),
    command({
      name: 'list',
      summary: 'all of them, a line each',
      operands: [],
      options: connection,
      examples: [
        { line: 'hub push list', does: 'shows when each was pushed to, and what is wrong' },
      ],
      run: async (input, terminal) => (await import('./push.js')).list(input, terminal),
    }),
    command({
      name: 'show',
      summary: 'one of them: its pinned key, the line for authorized_keys, the next try',
      operands: [target],
      options: connection,
      examples: [{ line: 'hub push show mail', does: 'what is served there: hub agent show mail' }],
      run: async (input, terminal) => (await import('./push.js')).show(input, terminal),
    }),
    command({
      name: 'run',
      summary: 'push now, and look whether it is served',
      description:
        'Exit 0: all is served. 1: something is not, and it says what. 4: the host is not to be reached.',
      operands: [target],
      options: connection,
      examples: [
        { line: 'hub push run mail', does: 'what the hub does by itself after a renewal' },
      ],
      run: async (input, terminal) => (await import('./push.js')).run(input, terminal),
    }),
    command({
      name: 'trust',
      summary: 'pin a new key of a host that was set up anew',
      operands: [target],
      options: { ...connection, 'host-key': hostKey },
      examples: [{ line: 'hub push trust mail', does: 'shows its key, and asks' }],
      run: async (input, terminal) => (await import('./push-add.js')).trust(input, terminal),
    }),
    command({
      name: 'receiver',
      summary: 'print the receiver, for hosts where you put it yourself',
      operands: [],
      options: {},
      examples: [
        { line: 'hub push receiver', does: 'prints a program in POSIX sh, to read and to copy' },
      ],
      run: async (input, terminal) => (await import('./push.js')).receiver(input, terminal),
    }),
    command({
      name: 'remove',
      summary: 'push there no more, and destroy the key for it',
      operands: [target],
      options: connection,
      examples: [{ line: 'hub push remove mail', does: 'what lies there stays; so does its line' }],
      run: async (input, terminal) => (await import('./push.js')).remove(input, terminal),
    }),
  ],
};
