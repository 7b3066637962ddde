import { command, type CommandGroup } from '@sixhub/base';
import { connection } from './connection.js';

export const keyCommands: CommandGroup = {
  kind: 'group',
  name: 'key',
  summary: 'the master key, which seals every private key in the database',
  commands: [
    command({
      name: 'rotate',
      summary: 'change the master key, with the hub running',
      description:
        'Makes a new key and seals everything anew; killed at any moment, the hub starts and finishes it.\nBackups of before open as before: they have the key that they need. Where the hub may not write\nthe key (a systemd credential), it says where to put it; exit 3.',
      operands: [],
      options: connection,
      examples: [{ line: 'hub key rotate', does: 'after somebody has seen the old key' }],
      run: async (input, terminal) => (await import('./key.js')).rotate(input, terminal),
    }),
  ],
};
