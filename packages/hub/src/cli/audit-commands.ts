import { command, type CommandGroup } from '@sixhub/base';
import { connection } from './connection.js';

export const auditCommands: CommandGroup = {
  kind: 'group',
  name: 'audit',
  summary: 'who changed what, and whether that record is whole',
  commands: [
    command({
      name: 'list',
      summary: 'the newest changes and refusals, newest last',
      operands: [],
      options: {
        ...connection,
        limit: { kind: 'count', value: 'N', summary: 'at most so many', default: '50' },
        object: {
          kind: 'text',
          value: 'NAME',
          summary: 'of this certificate, agent, token or domain',
        },
        actor: {
          kind: 'text',
          value: 'WHO',
          summary: 'by socket, hub, token:NAME, agent:NAME or an address',
        },
        action: {
          kind: 'text',
          value: 'ACTION',
          summary: 'like agent.grant, or agent for all of its kind',
        },
      },
      examples: [
        { line: 'hub audit list', does: 'shows the last fifty' },
        {
          line: 'hub audit list --object example.org --limit 500',
          does: 'what became of example.org',
        },
      ],
      run: async (input, terminal) => (await import('./audit.js')).list(input, terminal),
    }),
    command({
      name: 'verify',
      summary: 'finds a line that was changed, removed, moved or cut off',
      description:
        'Each line has the hash of the line before it, so that a change within shows by itself. Lines that\nare missing at the end show only against what is kept elsewhere: the journal, or a hash noted\nearlier. Exit 1 where something is wrong.',
      operands: [],
      options: {
        ...connection,
        head: {
          kind: 'text',
          value: 'HASH',
          summary: 'a hash that was the newest once; it must still be there',
        },
        log: {
          kind: 'text',
          value: 'FILE',
          summary: "the hub's log, each line of which must still be there; - reads standard input",
        },
      },
      examples: [
        {
          line: 'journalctl -u sixhub -o cat | hub audit verify --log -',
          does: 'compares with the journal',
        },
        { line: 'hub audit verify', does: 'checks the chain and prints its newest hash' },
      ],
      run: async (input, terminal) => (await import('./audit.js')).verify(input, terminal),
    }),
  ],
};
