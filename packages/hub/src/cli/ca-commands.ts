import { command, type CommandGroup } from '@sixhub/base';
import { connection } from './connection.js';

export const caCommands: CommandGroup = {
  kind: 'group',
  name: 'ca',
  summary: "the hub's own CA, by which agents know it and it knows them",
  commands: [
    command({
      name: 'show',
      summary: 'which CA it is, and how far a change of it is',
      operands: [],
      options: connection,
      examples: [
        { line: 'hub ca show', does: 'names the agents that do not have the new one yet' },
      ],
      run: async (input, terminal) => (await import('./ca.js')).show(input, terminal),
    }),
    command({
      name: 'rotate',
      summary: 'change the CA, with the hub running and without touching a machine',
      description:
        'Makes a new CA, signed by the present one, and tells every agent. Each trusts both and has a\ncertificate from the new one at its next run. When all have, the hub shows itself by the new one\nalone, and the key of the old one is gone.',
      operands: [],
      options: connection,
      examples: [{ line: 'hub ca rotate', does: 'begins it; it is finished by itself' }],
      run: async (input, terminal) => (await import('./ca.js')).rotate(input, terminal),
    }),
    command({
      name: 'finish',
      summary: 'do not wait for the agents that do not have the new CA yet',
      description:
        'They still know the hub by the new CA, since the old one has signed it, and are let in by their\ncertificates of before while those last.',
      operands: [],
      options: {
        ...connection,
        distrust: {
          kind: 'flag',
          summary: 'nor let them in: the key of the old CA is known to others',
        },
      },
      examples: [
        { line: 'hub ca finish', does: 'for machines that will not come for weeks' },
        {
          line: 'hub ca finish --distrust',
          does: 'after a break-in: who slept through it has to enrol anew',
        },
      ],
      run: async (input, terminal) => (await import('./ca.js')).finish(input, terminal),
    }),
  ],
};
