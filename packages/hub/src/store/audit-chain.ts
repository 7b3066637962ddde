import { createHash } from 'node:crypto';

export interface AuditLine {
  readonly seq: number;
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly object: string;
  readonly detail: string;
  readonly hash: string;
}

/** SHA-256 over a line and the hash of the line before it; the first follows the empty hash. */
export function chainHash(before: string, content: Omit<AuditLine, 'hash'>): string {
  const { seq, at, actor, action, object, detail } = content;
  return createHash('sha256')
    .update(JSON.stringify([before, seq, at, actor, action, object, detail]))
    .digest('hex');
}
