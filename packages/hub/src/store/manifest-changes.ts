import type { Database } from './database.js';

/** Something that manifests are made of has changed: of all agents that may have a certificate, or of one agent. */
export interface ManifestChange {
  readonly seq: number;
  readonly certificate: string | null;
  readonly agentId: string | null;
}

/** See migration 013 for who writes them. */
export interface ManifestChanges {
  last(): Promise<number>;
  /** In their order. */
  after(seq: number, limit: number): Promise<readonly ManifestChange[]>;
  /** Calls when this process has written one; another process's are found by looking. */
  follow(listener: () => void): Disposable;
}

/** With what the rooms of the store call once they have written one, after it was committed. */
export interface ManifestLedger extends ManifestChanges {
  written(): void;
}

export function manifestChanges(db: Database): ManifestLedger {
  const listeners = new Set<() => void>();
  return {
    async last() {
      const row = await db
        .selectFrom('manifest_changes')
        .select('seq')
        .orderBy('seq', 'desc')
        .limit(1)
        .executeTakeFirst();
      return row?.seq ?? 0;
    },
    async after(seq, limit) {
      const rows = await db
        .selectFrom('manifest_changes')
        .select(['seq', 'certificate', 'agent_id as agentId'])
        .where('seq', '>', seq)
        .orderBy('seq')
        .limit(limit)
        .execute();
      return rows;
    },
    follow(listener) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
    written() {
      for (const listener of listeners) listener();
    },
  };
}
