import { command, type Program } from '@sixhub/base';
import { usualConfigFile } from '../config/usual-file.js';
import { version } from '../version.js';

const config = {
  kind: 'text',
  value: 'FILE',
  summary: 'the configuration',
  default: usualConfigFile,
  offer: 'file',
} as const;

export const hubAgent: Program = {
  name: 'hub-agent',
  version,
  summary: 'installs what the hub issues for this machine, and proves that its services serve it',
  files: [
    ['/etc/sixhub/agent.toml', 'what the hub may make this machine do'],
    ['/etc/letsencrypt/live', 'where services find NAME/fullchain.pem and NAME/privkey.pem'],
    ['/var/lib/sixhub-agent', 'identity, and what runs leave for each other'],
  ],
  commands: [
    command({
      name: 'enroll',
      summary: 'makes this machine known at the hub, once',
      description:
        'Reads the join token that `hub agent add` printed from standard input, or from a file.\n' +
        'The hub must show the CA that the token names before it is told the secret.\n' +
        'The private key is made here and stays here.',
      operands: [
        {
          name: 'TOKEN',
          summary: 'refused: every user of this machine can read a command line',
          optional: true,
        },
      ],
      options: {
        config,
        'token-file': {
          kind: 'text',
          value: 'FILE',
          summary: 'read the join token from this file',
          offer: 'file',
        },
        again: { kind: 'flag', summary: 'replace the identity that this machine has' },
      },
      examples: [
        { line: 'hub-agent enroll', does: 'waits for the token to be pasted' },
        {
          line: 'hub-agent enroll --token-file /root/join-token',
          does: 'for scripts; the file may be removed afterwards',
        },
      ],
      run: async (input, terminal) => (await import('./enroll.js')).enroll(input, terminal),
    }),
    command({
      name: 'run',
      summary: 'brings this machine to what the hub wants it to have, and reports',
      description:
        'What the timer runs. One at a time; one that finds another at work ends at once.\n\n' +
        'Exit 0: all is installed and served. 1: something is not, and stderr says what. 4: no hub can be reached.',
      operands: [],
      options: {
        config,
        now: {
          kind: 'flag',
          summary: 'look at every service, and try again now what would wait after a failure',
        },
        adopt: {
          kind: 'flag',
          summary: 'take over certificate directories that certbot made, and its renewal of them',
        },
      },
      examples: [
        { line: 'hub-agent run', does: 'does what is due' },
        { line: 'hub-agent run --now', does: 'after a service was mended: no waiting' },
      ],
      run: async (input, terminal) => (await import('./run.js')).run(input, terminal),
    }),
    command({
      name: 'watch',
      summary: 'runs at once whenever the hub has something new, until it is stopped',
      description:
        'Holds one question open at the hub; a new version is here within seconds. The timer stays as the floor,\n' +
        'and of the two only one runs at a time.\n' +
        'Where no hub can be reached, it is asked again ever more rarely, at most every five minutes.',
      operands: [],
      options: { config },
      examples: [{ line: 'hub-agent watch', does: 'what sixhub-agent-watch.service runs' }],
      run: async (input, terminal) => (await import('./watch.js')).watch(input, terminal),
    }),
    command({
      name: 'detect',
      summary: "reads the services' own configurations: which uses which certificate, and where",
      description:
        'Apache, nginx, Postfix, Dovecot, HAProxy and Exim are asked by their own programs; nothing is connected to.\n' +
        'Names certificates that do not come from the hub, too, with their end, and what agent.toml lacks.\n' +
        'Where copies of certificates lie outside of what the units may write, says so; --write gives the units a drop-in.',
      operands: [],
      options: {
        config,
        write: {
          kind: 'flag',
          summary: 'add to agent.toml what it lacks; what stands there stays',
        },
        units: {
          kind: 'text',
          value: 'DIRECTORY',
          summary: 'where the drop-in goes, in place of /etc/systemd/system',
          offer: 'file',
        },
      },
      examples: [
        { line: 'hub-agent detect', does: 'shows it' },
        { line: 'hub-agent detect --write', does: 'and adds the services to agent.toml' },
      ],
      run: async (input, terminal) => (await import('./detect.js')).detect(input, terminal),
    }),
    command({
      name: 'doctor',
      summary: 'looks at all that a served certificate needs here, and says what is wrong',
      description:
        'Identity, units, each address of the hub, what is installed, and each service: by its own check, and as a client\n' +
        'sees it. Changes nothing and reloads nothing. With --json, a line for each thing that was looked at.\n\n' +
        'Exit 0: nothing is wrong. 1: something is, and what to do stands below it.',
      operands: [],
      options: { config },
      examples: [
        { line: 'hub-agent doctor', does: 'the first thing to run where a service is not served' },
      ],
      run: async (input, terminal) => (await import('./doctor.js')).doctor(input, terminal),
    }),
    command({
      name: 'status',
      summary: 'what is installed here and how its services were last seen',
      description: 'Reads this machine only; asks neither the hub nor the services.',
      operands: [],
      options: { config },
      examples: [{ line: 'hub-agent status', does: 'who this machine is, and a line a service' }],
      run: async (input, terminal) => (await import('./status.js')).status(input, terminal),
    }),
  ],
};
