import { command, type CommandGroup } from '@sixhub/base';
import { connection } from './connection.js';
import { authorityNames } from './offers.js';

const authority = {
  name: 'AUTHORITY',
  summary: 'its `name` in hub.toml',
  offer: authorityNames,
} as const;

const agreed = {
  ...connection,
  yes: { kind: 'flag', summary: 'do not ask' },
} as const;

export const accountCommands: CommandGroup = {
  kind: 'group',
  name: 'account',
  summary: "the hub's accounts at authorities",
  commands: [
    command({
      name: 'list',
      summary: 'the account at each authority of hub.toml',
      operands: [],
      options: connection,
      examples: [{ line: 'hub account list', does: 'shows state, age of the key, and address' }],
      run: async (input, terminal) => (await import('./account.js')).list(input, terminal),
    }),
    command({
      name: 'update',
      summary: 'tell an authority the `contact` of hub.toml',
      operands: [authority],
      options: connection,
      examples: [
        {
          line: 'hub account update letsencrypt',
          does: 'after `contact` was changed and the hub restarted',
        },
      ],
      run: async (input, terminal) => (await import('./account.js')).update(input, terminal),
    }),
    command({
      name: 'rollover',
      summary: 'give an account a new key',
      description:
        'The new key is stored before the authority hears of it. Broken off at any moment, the hub\nfinds out at the next use which of the two keys is valid.',
      operands: [authority],
      options: connection,
      examples: [{ line: 'hub account rollover letsencrypt', does: 'makes the old key worthless' }],
      run: async (input, terminal) => (await import('./account.js')).rollover(input, terminal),
    }),
    command({
      name: 'deactivate',
      summary: 'close an account for good',
      operands: [authority],
      options: agreed,
      examples: [
        { line: 'hub account deactivate zerossl', does: 'asks first; certificates stay valid' },
      ],
      run: async (input, terminal) => (await import('./account.js')).deactivate(input, terminal),
    }),
    command({
      name: 'register',
      summary: 'make a new account with a new key',
      description:
        'For an account that was deactivated, for new terms, or for another external account binding\n(`eab_key_id`, `eab_hmac_key_file`). The account before is left as it is at the authority.',
      operands: [authority],
      options: agreed,
      examples: [{ line: 'hub account register zerossl', does: 'agrees to the terms, asks first' }],
      run: async (input, terminal) => (await import('./account.js')).register(input, terminal),
    }),
  ],
};
