import { command, exitCodes } from '@sixhub/base';
import { AccountFile, type Imported } from '../store/account-file.js';
import { readGoDatabase } from '../store/go-database.js';
import { configOption } from './config-option.js';
import { readConfig } from './config-file.js';

export const importAccounts = command({
  name: 'import',
  summary: "take accounts and values out of the Go program's database",
  description:
    'Accounts keep their names and passwords; what is here already stays as it is,\nso a second run changes nothing. The old file is only read.',
  operands: [{ name: 'OLD.db', summary: 'SQLite file of the Go program', offer: 'file' }],
  options: { config: configOption },
  examples: [
    {
      line: 'acme-dns import /var/lib/acme-dns.old/acme-dns.db',
      does: 'adds its accounts to the database of the usual configuration',
    },
  ],
  run: async ({ operands, options, json }, terminal) => {
    const { config } = await readConfig(options.config);
    const found = readGoDatabase(operands[0] ?? '');
    await using file = await AccountFile.open(config.database.connection);
    const done = await file.import(found);
    terminal.out(json ? JSON.stringify(done) : sentence(done));
    return exitCodes.done;
  },
});

function sentence({ accounts, values, known }: Imported): string {
  if (accounts > 0)
    return `${accounts} accounts and ${values} values imported, ${known} accounts were here already`;
  return known > 0
    ? `nothing to import: all ${known} accounts were here already, and stay as they are`
    : 'nothing to import: there is no account in that file';
}
