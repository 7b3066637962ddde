import { command, type CommandGroup } from '@sixhub/base';
import { connection } from './connection.js';
import { alertNames, channelNames } from './offers.js';

export const notifyCommands: CommandGroup = {
  kind: 'group',
  name: 'notify',
  summary: 'troubles that stand, and who is told of them',
  commands: [
    command({
      name: 'list',
      summary: 'what stands, since when, what to do, and whom it was told',
      description:
        'Exit 1 where something stands that is not silenced, or a channel of hub.toml fails; else 0.',
      operands: [],
      options: connection,
      examples: [
        { line: 'hub notify list', does: 'shows each trouble with its remedy, then the channels' },
        { line: 'hub notify list --json', does: 'the same for a script' },
      ],
      run: async (input, terminal) => (await import('./notify.js')).list(input, terminal),
    }),
    command({
      name: 'test',
      summary: 'send a test through each channel of hub.toml',
      description: 'The running hub sends it, as it would an alert. Exit 1 where one fails.',
      operands: [
        { name: 'CHANNEL', summary: 'this one alone', optional: true, offer: channelNames },
      ],
      options: connection,
      examples: [
        { line: 'hub notify test', does: 'tells of each channel whether the other side took it' },
        { line: 'hub notify test mail', does: 'the channel `mail` alone' },
      ],
      run: async (input, terminal) => (await import('./notify.js')).test(input, terminal),
    }),
    command({
      name: 'silence',
      summary: 'tell nothing more about a trouble for a while',
      description: 'It still stands in `hub notify list`, and is forgotten when it is over.',
      operands: [{ name: 'ALERT', summary: 'its name in `hub notify list`', offer: alertNames }],
      options: {
        ...connection,
        for: {
          kind: 'duration',
          value: 'TIME',
          summary: 'how long; 0: not any more',
          default: '7d',
        },
      },
      examples: [
        { line: 'hub notify silence agent:mail --for 14d', does: 'mail is away for two weeks' },
      ],
      run: async (input, terminal) => (await import('./notify.js')).silence(input, terminal),
    }),
  ],
};
