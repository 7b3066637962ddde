import {
  command,
  exitCodes,
  formatTable,
  usageError,
  type CommandGroup,
  type Terminal,
} from '@sixhub/base';
import { Network } from '../domain/network.js';
import { Secrets } from '../passwords/secrets.js';
import { silentLog, type StoredAccount } from '../ports.js';
import { AccountFile } from '../store/account-file.js';
import { configOption } from './config-option.js';
import { readConfig } from './config-file.js';
import { takeOver } from './take-over.js';

interface Place {
  readonly file: AccountFile;
  readonly domain: string;
}

/** Opens the database of a configuration for the time of one command. */
async function withFile<T>(
  config: string | undefined,
  work: (place: Place) => Promise<T>,
): Promise<T> {
  const read = await readConfig(config);
  const { general, database } = read.config;
  await takeOver(database.connection, silentLog);
  await using file = await AccountFile.open(database.connection);
  return await work({ file, domain: general.domain.replace(/\.$/, '') });
}

const subdomain = { name: 'SUBDOMAIN', summary: 'the first label of its name, or the whole name' };

function day(at: number): string {
  return at === 0 ? 'imported' : new Date(at).toISOString().slice(0, 10);
}

function shown(account: StoredAccount, domain: string, values: readonly string[]): object {
  const { subdomain: label, username, allowFrom, note, createdAt } = account;
  const created = createdAt === 0 ? null : new Date(createdAt).toISOString();
  const fulldomain = `${label}.${domain}`;
  return { subdomain: label, fulldomain, username, allowfrom: allowFrom, note, created, values };
}

const list = command({
  name: 'list',
  summary: 'all accounts, with what is noted about them',
  operands: [],
  options: { config: configOption },
  examples: [
    { line: 'acme-dns accounts list', does: 'lists the accounts of the usual configuration' },
  ],
  run: ({ options, json }, terminal) =>
    withFile(options.config, async ({ file, domain }) => {
      const { accounts, values } = await file.all();
      const texts = new Map<string, string[]>();
      for (const value of values) {
        const known = texts.get(value.subdomain);
        if (known === undefined) texts.set(value.subdomain, [value.text]);
        else known.push(value.text);
      }
      if (json) {
        const all = accounts.map((account) =>
          shown(account, domain, texts.get(account.subdomain) ?? []),
        );
        terminal.out(JSON.stringify({ accounts: all }));
        return exitCodes.done;
      }
      const rows = accounts.map((account) => [
        account.subdomain,
        day(account.createdAt),
        String(texts.get(account.subdomain)?.length ?? 0),
        account.note,
      ]);
      terminal.out(formatTable(['SUBDOMAIN', 'CREATED', 'VALUES', 'NOTE'], rows, terminal.columns));
      return exitCodes.done;
    }),
});

const show = command({
  name: 'show',
  summary: 'one account: who may update it, and its values',
  operands: [subdomain],
  options: { config: configOption },
  examples: [
    {
      line: 'acme-dns accounts show 8e5700ea-a4bf-41c7-8a77-e990661dcc6a',
      does: 'shows that account',
    },
  ],
  run: ({ operands, options, json }, terminal) =>
    withFile(options.config, async ({ file, domain }) => {
      const account = await file.find(operands[0] ?? '');
      const { values } = await file.all();
      const own = values.filter((value) => value.subdomain === account.subdomain);
      if (json) {
        terminal.out(
          JSON.stringify(
            shown(
              account,
              domain,
              own.map(({ text }) => text),
            ),
          ),
        );
        return exitCodes.done;
      }
      const allowed = account.allowFrom.length === 0 ? 'everywhere' : account.allowFrom.join(', ');
      terminal.out(`name      ${account.subdomain}.${domain}`);
      terminal.out(`username  ${account.username}`);
      terminal.out(`created   ${day(account.createdAt)}`);
      terminal.out(`from      ${allowed}`);
      terminal.out(`note      ${account.note}`);
      for (const value of own)
        terminal.out(`value     ${value.text}  ${new Date(value.at).toISOString()}`);
      return exitCodes.done;
    }),
});

const add = command({
  name: 'add',
  summary: 'make an account, as /register does',
  operands: [],
  options: {
    config: configOption,
    'allow-from': {
      kind: 'texts',
      value: 'NETWORK',
      summary: 'who may update it, like 192.0.2.0/24',
    },
    note: { kind: 'text', value: 'TEXT', summary: 'what it is for' },
  },
  examples: [
    {
      line: "acme-dns accounts add --note 'mail.example.org'",
      does: 'prints the account as /register would, with its password',
    },
  ],
  run: ({ options }, terminal) =>
    withFile(options.config, async ({ file, domain }) => {
      for (const text of options['allow-from'] ?? []) {
        if (Network.parse(text) === undefined)
          throw usageError(`--allow-from: '${text}' is no network`, 'Write it like 192.0.2.0/24.');
      }
      const secrets = new Secrets((await file.store.origin()).key);
      const password = secrets.newPassword();
      const account: StoredAccount = {
        subdomain: secrets.newName(),
        username: secrets.newName(),
        secret: secrets.hash(password),
        allowFrom: options['allow-from'] ?? [],
        note: options.note ?? '',
        createdAt: Date.now(),
      };
      await file.change([{ kind: 'account-added', account }]);
      printCredentials(terminal, account, domain, password);
      return exitCodes.done;
    }),
});

const note = command({
  name: 'note',
  summary: 'write down what an account is for',
  operands: [subdomain, { name: 'TEXT', summary: "the note; '' removes it" }],
  options: { config: configOption },
  examples: [
    {
      line: "acme-dns accounts note 8e5700ea-a4bf-41c7-8a77-e990661dcc6a 'mail.example.org, Anna'",
      does: 'notes it',
    },
  ],
  run: ({ operands, options, json }, terminal) =>
    withFile(options.config, async ({ file }) => {
      const account = await file.find(operands[0] ?? '');
      await file.change([
        { kind: 'account-noted', subdomain: account.subdomain, note: operands[1] ?? '' },
      ]);
      if (json) terminal.out(JSON.stringify({ noted: account.subdomain }));
      else terminal.err(`noted for ${account.subdomain}`);
      return exitCodes.done;
    }),
});

const remove = command({
  name: 'remove',
  summary: 'remove an account and its values',
  operands: [subdomain],
  options: { config: configOption },
  examples: [
    {
      line: 'acme-dns accounts remove 8e5700ea-a4bf-41c7-8a77-e990661dcc6a',
      does: 'its name does not exist from then on',
    },
  ],
  run: ({ operands, options, json }, terminal) =>
    withFile(options.config, async ({ file }) => {
      const account = await file.find(operands[0] ?? '');
      await file.change([{ kind: 'account-removed', subdomain: account.subdomain }]);
      if (json) terminal.out(JSON.stringify({ removed: account.subdomain }));
      else terminal.err(`removed ${account.subdomain}; a CNAME that points to it can go, too`);
      return exitCodes.done;
    }),
});

const rotate = command({
  name: 'rotate',
  summary: 'give an account a new password; the old one ends',
  operands: [subdomain],
  options: { config: configOption },
  examples: [
    {
      line: 'acme-dns accounts rotate 8e5700ea-a4bf-41c7-8a77-e990661dcc6a',
      does: 'prints the account with its new password',
    },
  ],
  run: ({ operands, options }, terminal) =>
    withFile(options.config, async ({ file, domain }) => {
      const account = await file.find(operands[0] ?? '');
      const secrets = new Secrets((await file.store.origin()).key);
      const password = secrets.newPassword();
      const secret = secrets.hash(password);
      await file.change([{ kind: 'secret-changed', subdomain: account.subdomain, secret }]);
      printCredentials(terminal, account, domain, password);
      return exitCodes.done;
    }),
});

/** In the words of /register, so that every client's storage takes it as it is. */
function printCredentials(
  terminal: Terminal,
  account: StoredAccount,
  domain: string,
  password: string,
): void {
  const { username, subdomain: label, allowFrom } = account;
  const fulldomain = `${label}.${domain}`;
  terminal.out(
    JSON.stringify({ username, password, fulldomain, subdomain: label, allowfrom: allowFrom }),
  );
}

export const accounts: CommandGroup = {
  kind: 'group',
  name: 'accounts',
  summary: 'who may set values',
  commands: [list, show, add, note, remove, rotate],
};
