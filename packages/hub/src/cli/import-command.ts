import { command } from '@sixhub/base';
import { connection } from './connection.js';

export const importCertbot = command({
  name: 'import',
  summary: "take over certbot's certificates, keys and accounts",
  description:
    'Each lineage becomes a certificate with the version that certbot has; its next\nrenewal is the hub’s. An account at an authority goes on where the hub has none.\nWhat can’t be taken is named, with its reason. certbot’s files and timer are not\ntouched. Run again, it takes what is new.\nExit 1 where something was not taken, 3 where CNAMEs are still to be created.',
  operands: [{ name: 'DIR', summary: 'usually /etc/letsencrypt', offer: 'directory' }],
  options: {
    ...connection,
    'dry-run': { kind: 'flag', summary: 'say what would be taken, and take nothing' },
    lineage: {
      kind: 'texts',
      value: 'NAME',
      summary: 'this one alone, also where another one has the same names',
    },
  },
  examples: [
    { line: 'hub import /etc/letsencrypt --dry-run', does: 'says what would be taken' },
    {
      line: 'hub import /etc/letsencrypt',
      does: 'takes it, and prints the CNAMEs to create (exit 3 while there are some)',
      exit: 3,
    },
  ],
  run: async (input, terminal) => (await import('./import.js')).importCertbot(input, terminal),
});
