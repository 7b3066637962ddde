import type { Program } from '@sixhub/base';
import { accounts } from './accounts.js';
import { check } from './check.js';
import { importAccounts } from './import.js';
import { serve } from './serve.js';

export const program: Program = {
  name: 'acme-dns',
  version: '0.1.0',
  summary: 'authoritative DNS server for ACME challenges, with the acme-dns HTTP API',
  files: [['/etc/acme-dns/config.cfg', 'the configuration, as the Go program acme-dns has it']],
  commands: [serve, check, accounts, importAccounts],
};
