import { command } from '@sixhub/base';
import { connection } from './connection.js';
import { certificateNames } from './offers.js';

export const doctor = command({
  name: 'doctor',
  summary: 'what stands between a domain and its next certificate',
  description:
    'Walks what an authority walks: from the name servers of the zone above down to this hub, over\nIPv6 and IPv4, UDP and TCP; delegation, CNAME, DNSSEC, CAA, and the authorities themselves. Each\nthing that is wrong comes with its remedy. Changes nothing. Exit 1 where something is wrong.',
  operands: [
    {
      name: 'DOMAIN',
      summary: 'all that the hub knows, unless named',
      optional: true,
      many: true,
      offer: certificateNames,
    },
  ],
  options: connection,
  examples: [
    {
      line: 'hub doctor example.org',
      does: 'looks at example.org, the hub’s zone and authorities',
    },
  ],
  run: async (input, terminal) => (await import('./doctor.js')).doctor(input, terminal),
});

export const records = command({
  name: 'records',
  summary: 'every DNS record that should exist, and whether it does',
  description:
    'Prints lines of a zone file, each below what it is for and whether it is there. Exit 3 where one\nis missing or differs.',
  operands: [],
  options: { ...connection, table: { kind: 'flag', summary: 'a table instead' } },
  examples: [
    { line: 'hub records', does: 'prints NS, address and CNAME records, ready to paste' },
    { line: 'hub records --table', does: 'a line each: name, type, state, value' },
  ],
  run: async (input, terminal) => (await import('./records.js')).records(input, terminal),
});
