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
      summary: 'agents, a line each, and how they stand in numbers',
      description:
        'Each option leaves fewer of them. An agent is invited, silent, behind or well. Behind: a certificate\nthere is of another version than it should be, or a service does not serve it.',
      operands: [
        {
          name: 'PATTERN',
          summary: "names like this, with * and ?: 'web-*'",
          optional: true,
          offer: agentNames,
        },
      ],
      options: {
        ...connection,
        behind: { kind: 'flag', summary: 'those that are behind' },
        silent: { kind: 'flag', summary: 'those not heard of for too long' },
        needs: { kind: 'flag', summary: 'those on whose machine a person is needed' },
        cert: {
          kind: 'text',
          value: 'NAME',
          summary: 'those that may have this certificate',
          offer: certificateNames,
        },
        status: {
          kind: 'text',
          value: 'STATUS',
          summary: 'invited or active',
          offer: ['invited', 'active'],
        },
        version: { kind: 'text', value: 'VERSION', summary: 'whose program is of this version' },
        'older-than': {
          kind: 'text',
          value: 'VERSION',
          summary: 'whose program is of a version before, or does not tell',
        },
      },
      examples: [
        { line: 'hub agent list', does: 'shows who was seen when' },
        {
          line: 'hub agent list --behind --cert example.org',
          does: 'shows where the version of example.org that should be there is not served',
        },
        { line: "hub agent list 'web-*' --older-than 0.1.0", does: 'shows what to upgrade' },
      ],
      run: async (input, terminal) => (await import('./agent-list.js')).list(input, terminal),
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
