import { command } from '@sixhub/base';
import { connection } from './connection.js';
import { agentNames, certificateNames } from './offers.js';

export const install = command({
  name: 'install',
  summary: 'bring the agent onto a machine over SSH, or take it away again',
  description:
    'Looks at the machine, says what it will do, and asks. Then: the program, its units, enrolment,\n' +
    'grants, the services that it finds there, and a first run. A second call finds all that in place.\n\n' +
    'Logs in as ~/.ssh/config has it, by the SSH agent, a key file, or a password that it asks for; as root,\n' +
    'or as one who may sudo without a password. The host must be in known_hosts, or its key is shown and\n' +
    'asked for. Nothing of the login is kept, at the hub or there.\n\n' +
    'Exit 0: all is done, and its services serve. 1: something is not, and it says what. 3: somebody has\n' +
    'to decide first. 4: the host, the hub, or the hub from there, is not to be reached.',
  operands: [{ name: 'USER@HOST', summary: 'where to log in: root@web, root@[2001:db8::1]:2222' }],
  options: {
    ...connection,
    name: {
      kind: 'text',
      value: 'NAME',
      summary: "the machine's name here (default: the first part of HOST)",
      offer: agentNames,
    },
    cert: {
      kind: 'texts',
      value: 'NAME',
      summary: 'a certificate that it may have',
      offer: certificateNames,
    },
    identity: {
      kind: 'text',
      value: 'FILE',
      summary: 'the private key to log in with; its passphrase is asked for',
      short: 'i',
      offer: 'file',
    },
    jump: {
      kind: 'text',
      value: 'USER@HOST',
      summary: 'log in there first, and go on from it; several by commas, in their order',
      short: 'J',
    },
    'host-key': {
      kind: 'texts',
      value: 'SHA256:…',
      summary: 'the fingerprint that an unknown host must show, for scripts',
    },
    'install-node': { kind: 'flag', summary: 'apt-get install nodejs where it is missing' },
    remove: {
      kind: 'flag',
      summary: 'undo it: units, program, identity, and the agent at the hub',
    },
    'dry-run': { kind: 'flag', summary: 'say what would be done, and do nothing' },
    yes: { kind: 'flag', summary: 'do not ask', short: 'y' },
  },
  examples: [
    {
      line: 'hub agent install root@mail.example.org --cert example.org',
      does: 'from nothing to a served certificate, as the agent mail',
    },
    {
      line: 'hub agent install root@mail.example.org --dry-run',
      does: 'says what is missing there',
    },
    {
      line: 'hub agent install root@mail.example.org --remove --yes',
      does: 'takes the agent away; the certificates stay',
    },
  ],
  run: async (input, terminal) => (await import('./install.js')).install(input, terminal),
});
