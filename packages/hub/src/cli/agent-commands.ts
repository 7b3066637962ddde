import { command, type CommandGroup } from '@sixhub/base';
import { connection } from './connection.js';
import { install } from './install-command.js';
import { agentNames, certificateNames, grantsOfAgent } from './offers.js';

export const agentCommands: CommandGroup = {
  kind: 'group',
  name: 'agent',
  summary: 'machines that get certificates',
  commands: [
    command({
      name: 'add',
      summary: 'invite a machine: prints its enrolment command and, apart, a one-time token',
      operands: [{ name: 'NAME', summary: "the machine's name here" }],
      options: {
        ...connection,
        cert: {
          kind: 'texts',
          value: 'NAME',
          summary: 'a certificate that it may have',
          offer: certificateNames,
        },
      },
      examples: [
        {
          line: 'hub agent add web --cert example.org',
          does: 'prints what to run on the machine, and the token to give it',
        },
      ],
      run: async (input, terminal) => (await import('./agent.js')).add(input, terminal),
    }),
    install,
    command({
      name: 'list',
      summary: 'all agents, a line each',
      operands: [],
      options: connection,
      examples: [{ line: 'hub agent list', does: 'shows who was seen when' }],
      run: async (input, terminal) => (await import('./agent.js')).list(input, terminal),
    }),
    command({
      name: 'show',
      summary: 'one agent: each certificate at each of its services, and what needs a person',
      operands: [{ name: 'NAME', summary: 'an agent of `hub agent list`', offer: agentNames }],
      options: connection,
      examples: [
        {
          line: 'hub agent show web',
          does: 'shows what web serves since when, and what to do there',
        },
      ],
      run: async (input, terminal) => (await import('./agent.js')).show(input, terminal),
    }),
    command({
      name: 'grant',
      summary: 'let an agent have a certificate',
      operands: [
        { name: 'NAME', summary: 'an agent of `hub agent list`', offer: agentNames },
        { name: 'CERTIFICATE', summary: 'a certificate of `hub list`', offer: certificateNames },
      ],
      options: connection,
      examples: [
        { line: 'hub agent grant web example.org', does: 'web installs it at its next run' },
      ],
      run: async (input, terminal) => (await import('./agent.js')).grant(input, terminal),
    }),
    command({
      name: 'ungrant',
      summary: 'take a certificate from an agent',
      operands: [
        { name: 'NAME', summary: 'an agent of `hub agent list`', offer: agentNames },
        { name: 'CERTIFICATE', summary: 'a certificate that it has', offer: grantsOfAgent },
      ],
      options: connection,
      examples: [
        { line: 'hub agent ungrant web example.org', does: 'web gets no new versions of it' },
      ],
      run: async (input, terminal) => (await import('./agent.js')).ungrant(input, terminal),
    }),
    command({
      name: 'remove',
      summary: 'cut an agent off',
      operands: [{ name: 'NAME', summary: 'an agent of `hub agent list`', offer: agentNames }],
      options: connection,
      examples: [
        { line: 'hub agent remove web', does: 'its client certificate is refused from now on' },
      ],
      run: async (input, terminal) => (await import('./agent.js')).remove(input, terminal),
    }),
  ],
};
