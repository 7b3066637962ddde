import { command, type CommandGroup } from '@sixhub/base';
import { connection } from './connection.js';
import { tokenNames } from './offers.js';

export const tokenCommands: CommandGroup = {
  kind: 'group',
  name: 'token',
  summary: 'tokens for the REST API',
  commands: [
    command({
      name: 'add',
      summary: 'make a token for the REST API; it is shown once',
      operands: [{ name: 'NAME', summary: 'what it is for' }],
      options: {
        ...connection,
        scope: {
          kind: 'text',
          value: 'SCOPE',
          summary: 'metrics, read (and metrics), or write (and read)',
          default: 'read',
          offer: ['metrics', 'read', 'write'],
        },
        expires: {
          kind: 'duration',
          value: 'TIME',
          summary: 'how long it is good, like 90d; until it is removed unless said',
        },
      },
      examples: [
        { line: 'hub token add monitoring', does: 'prints a token that may read status' },
        {
          line: 'hub token add prometheus --scope metrics --expires 365d',
          does: 'prints one for /metrics alone, for a year',
        },
      ],
      run: async (input, terminal) => (await import('./token.js')).add(input, terminal),
    }),
    command({
      name: 'list',
      summary: 'all tokens, without their secrets',
      operands: [],
      options: connection,
      examples: [{ line: 'hub token list', does: 'shows scope, last use and end of each' }],
      run: async (input, terminal) => (await import('./token.js')).list(input, terminal),
    }),
    command({
      name: 'remove',
      summary: 'make a token worthless',
      operands: [{ name: 'NAME', summary: 'a token of `hub token list`', offer: tokenNames }],
      options: connection,
      examples: [
        { line: 'hub token remove monitoring', does: 'requests with it are refused from now on' },
      ],
      run: async (input, terminal) => (await import('./token.js')).remove(input, terminal),
    }),
  ],
};
