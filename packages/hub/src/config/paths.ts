import { join } from 'node:path';
import type { HubConfig } from './config.js';

/** Where the hub keeps what, below its state directory. */
export function statePaths(config: Pick<HubConfig, 'state' | 'master_key'>): {
  readonly database: string;
  readonly acmeDnsDatabase: string;
  readonly masterKey: string;
  /** There while the master key is being changed. */
  readonly nextMasterKey: string;
} {
  return {
    database: join(config.state, 'hub.db'),
    acmeDnsDatabase: join(config.state, 'acme-dns.db'),
    masterKey: config.master_key ?? join(config.state, 'master.key'),
    nextMasterKey: join(config.state, 'master.key.next'),
  };
}
