import type { CertificateName } from '@sixhub/protocol';
import type { Version } from '../domain/certificate.js';
import { toVersion } from './certificates.js';
import type { Database } from './database.js';

/** Which version each agent should have of what it may have; see migration 015 for what that is made of. */
export interface WantedVersions {
  /** Undefined before there is one. */
  of(agentId: string, name: CertificateName): Promise<WantedVersion | undefined>;
}

export interface WantedVersion {
  readonly version: Version;
  /** It is not the newest: that is for others first. */
  readonly waits: boolean;
}

export function wantedVersions(db: Database): WantedVersions {
  return {
    async of(agentId, name) {
      const row = await db
        .selectFrom('wanted_versions as w')
        .innerJoin('versions as v', 'v.id', 'w.version')
        .selectAll('v')
        .select('w.waits')
        .where('w.agent_id', '=', agentId)
        .where('w.certificate', '=', name)
        .executeTakeFirst();
      return row && { version: toVersion(row), waits: row.waits === 1 };
    },
  };
}
