/**
 * Where the store keeps what the vault has sealed, all of it: for who must seal it anew, or must know that it opens.
 * A ciphertext is bound to its row by the row's name here.
 */
export const sealedRow = {
  version: (id: string): string => `version:${id}`,
  issuance: (id: string): string => `issuance:${id}`,
  account: (directory: string): string => `authority-account:${directory}`,
  secret: (name: string): string => `secret:${name}`,
} as const;

export interface SealedColumn {
  readonly table: string;
  /** The primary key, which is in the row's name. */
  readonly key: string;
  readonly column: string;
  readonly row: (key: string) => string;
}

/** A test compares it with the columns that the migrations make. */
export const sealedColumns: readonly SealedColumn[] = [
  { table: 'versions', key: 'id', column: 'sealed_key', row: sealedRow.version },
  { table: 'issuances', key: 'id', column: 'sealed_key', row: sealedRow.issuance },
  {
    table: 'authority_accounts',
    key: 'directory',
    column: 'sealed_key',
    row: sealedRow.account,
  },
  {
    table: 'authority_accounts',
    key: 'directory',
    column: 'sealed_next_key',
    row: sealedRow.account,
  },
  { table: 'secrets', key: 'name', column: 'sealed', row: sealedRow.secret },
];
